package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// commandTime bounds a program that is run inside a container.
const commandTime = time.Minute

// command runs a program inside the container and waits for its end.
func (n *node) command(ctx context.Context, argv ...string) error {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	said, status, err := n.exec(ctx, argv)
	if err != nil {
		return fmt.Errorf("run %s in %s: %w", argv[0], n.name, err)
	}
	if status != 0 {
		return fmt.Errorf("run %s in %s: status %d: %s", argv[0], n.name, status, strings.TrimSpace(said))
	}
	return nil
}

func (n *node) exec(ctx context.Context, argv []string) (said string, status int, err error) {
	c := n.engine.client
	made, err := c.ExecCreate(ctx, n.id, client.ExecCreateOptions{Cmd: argv, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return "", 0, err
	}
	attached, err := c.ExecAttach(ctx, made.ID, client.ExecAttachOptions{})
	if err != nil {
		return "", 0, err
	}
	defer attached.Close()
	// What the program writes ends when the program does; reading it knows of no
	// context.
	defer context.AfterFunc(ctx, attached.Close)()
	out := &limited{most: 1 << 16}
	if _, err := stdcopy.StdCopy(out, out, attached.Reader); err != nil {
		return "", 0, errors.Join(ctx.Err(), err)
	}
	end, err := c.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
	switch {
	case err != nil:
		return "", 0, err
	case end.Running:
		return "", 0, fmt.Errorf("it still runs after the end of its output: %s", out.text())
	}
	return string(out.text()), end.ExitCode, nil
}

// text is what the container has written.
func (n *node) text(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := n.engine.client.ContainerLogs(ctx, n.id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true})
	if err != nil {
		return nil, fmt.Errorf("read the log of the %s: %w", n.name, err)
	}
	defer r.Close()
	out := &limited{most: 16 << 20}
	if _, err := stdcopy.StdCopy(out, out, r); err != nil {
		return nil, fmt.Errorf("read the log of the %s: %w", n.name, err)
	}
	return out.text(), nil
}

// limited keeps the first bytes that are written to it.
type limited struct {
	most    int
	kept    bytes.Buffer
	dropped int
}

func (l *limited) Write(b []byte) (int, error) {
	keep := min(len(b), l.most-l.kept.Len())
	l.dropped += len(b) - keep
	l.kept.Write(b[:keep])
	return len(b), nil
}

// text is what was kept, with a line that says how much was not.
func (l *limited) text() []byte {
	if l.dropped == 0 {
		return l.kept.Bytes()
	}
	return fmt.Appendf(l.kept.Bytes(), "\n(%d bytes more are left out)\n", l.dropped)
}
