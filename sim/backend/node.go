package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tcnetwork "github.com/testcontainers/testcontainers-go/network"

	"squall/sim/clock"
)

// node is one container and the fixed loopback addresses of its ports: they stay
// the same when it is started again.
type node struct {
	*testcontainers.DockerContainer
	name  string            // "broker", "database", and in a cluster "broker-2"
	addrs map[string]string // container port -> host:port
	held  atomic.Bool       // it is down because squall wants it so
	meter *meter
}

// nodeSpec says what a node is made of.
type nodeSpec struct {
	name, image  string
	flags, ports []string
	env          map[string]string
	network      string // "" for the engine's default
	files        []testcontainers.ContainerFile
}

// run starts a container with its ports bound to the loopback interface. The
// node is returned also with an error, when it was made.
func (b *containers) run(ctx context.Context, spec nodeSpec) (*node, error) {
	n := &node{name: spec.name, addrs: map[string]string{}}
	bindings := network.PortMap{}
	var exposed []string
	for _, p := range spec.ports {
		addr, err := b.o.FreeAddr()
		if err != nil {
			return nil, err
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		inside, err := network.ParsePort(p + "/tcp")
		if err != nil {
			return nil, err
		}
		n.addrs[p] = addr
		exposed = append(exposed, p+"/tcp")
		bindings[inside] = []network.PortBinding{{HostIP: netip.MustParseAddr("127.0.0.1"), HostPort: port}}
	}
	options := []testcontainers.ContainerCustomizer{
		testcontainers.WithEnv(spec.env),
		testcontainers.WithCmd(spec.flags...),
		testcontainers.WithExposedPorts(exposed...),
		testcontainers.WithLabels(Labels(b.o.RunID)),
		testcontainers.WithHostConfigModifier(func(h *container.HostConfig) { h.PortBindings = bindings }),
		testcontainers.WithLogger(quiet{}),
		testcontainers.WithFiles(spec.files...),
	}
	if spec.network != "" {
		options = append(options,
			tcnetwork.WithNetworkName([]string{spec.name}, spec.network),
			testcontainers.WithConfigModifier(func(c *container.Config) { c.Hostname = spec.name }))
	}
	c, err := testcontainers.Run(ctx, spec.image, options...)
	n.DockerContainer = c
	if err != nil {
		return n, fmt.Errorf("start %s from %s: %w", spec.name, spec.image, err)
	}
	n.meter = &meter{id: c.GetContainerID()}
	n.meter.Resources() // begins to listen
	return n, nil
}

// quiet drops the library's own chatter: what goes wrong is in its errors.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Print(...any)          {}

// engine asks the container engine for something about this node.
func (n *node) engine(ctx context.Context, ask func(c *testcontainers.DockerClient, id string) error) error {
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return ask(c, n.GetContainerID())
}

const (
	// orderlyTime is how long a server may take to end when it is asked to.
	orderlyTime = 30 * time.Second
	// statusKilled is the status of a container that ended by SIGKILL: 128 + 9.
	statusKilled = 137
)

// down ends the container, and makes sure that it ended as it was told to.
func (n *node) down(ctx context.Context, orderly bool) (status string, err error) {
	ctx, cancel := context.WithTimeout(ctx, orderlyTime+10*time.Second)
	defer cancel()
	n.held.Store(true)
	err = n.engine(ctx, func(c *testcontainers.DockerClient, id string) error {
		if orderly {
			seconds := int(orderlyTime.Seconds())
			_, err := c.ContainerStop(ctx, id, client.ContainerStopOptions{Timeout: &seconds})
			return err
		}
		_, err := c.ContainerKill(ctx, id, client.ContainerKillOptions{Signal: "KILL"})
		return err
	})
	for err == nil {
		state, stateErr := n.State(ctx)
		if stateErr == nil && !state.Running {
			status = fmt.Sprintf("%s ended with status %d", n.name, state.ExitCode)
			if (state.ExitCode == statusKilled) == orderly || state.OOMKilled {
				return status, fmt.Errorf("%s, expected it to end %s", status, map[bool]string{true: "by itself", false: "by SIGKILL"}[orderly])
			}
			return status, nil
		}
		err = clock.Sleep(ctx, 20*time.Millisecond)
	}
	return "", fmt.Errorf("bring %s down: %w", n.name, err)
}

// up starts the container again, unless it runs.
func (n *node) up(ctx context.Context) error {
	err := n.engine(ctx, func(c *testcontainers.DockerClient, id string) error {
		_, err := c.ContainerStart(ctx, id, client.ContainerStartOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("start %s again: %w", n.name, err)
	}
	return nil
}

// pause stops the container's processes in their tracks, or has them go on.
func (n *node) pause(ctx context.Context, on bool) error {
	err := n.engine(ctx, func(c *testcontainers.DockerClient, id string) (err error) {
		if on {
			_, err = c.ContainerPause(ctx, id, client.ContainerPauseOptions{})
			return err
		}
		if _, err = c.ContainerUnpause(ctx, id, client.ContainerUnpauseOptions{}); err != nil && strings.Contains(err.Error(), "not paused") {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("pause %s (%v): %w", n.name, on, err)
	}
	return nil
}

// paused reports whether the engine shows the container stopped.
func (n *node) paused(ctx context.Context) (bool, error) {
	state, err := n.State(ctx)
	if err != nil {
		return false, err
	}
	return state.Paused, nil
}

// commandTime bounds a program that is run inside a container.
const commandTime = time.Minute

// command runs a program inside the container and waits for its end.
func (n *node) command(ctx context.Context, argv ...string) error {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	var out bytes.Buffer
	var end client.ExecInspectResult
	err := n.engine(ctx, func(c *testcontainers.DockerClient, id string) error {
		made, err := c.ExecCreate(ctx, id, client.ExecCreateOptions{Cmd: argv, AttachStdout: true, AttachStderr: true})
		if err != nil {
			return err
		}
		attached, err := c.ExecAttach(ctx, made.ID, client.ExecAttachOptions{})
		if err != nil {
			return err
		}
		defer attached.Close()
		// What it writes ends when it does; the connection knows of no context.
		defer context.AfterFunc(ctx, attached.Close)()
		if _, err := stdcopy.StdCopy(&out, &out, io.LimitReader(attached.Reader, 1<<16)); err != nil {
			return errors.Join(ctx.Err(), err)
		}
		end, err = c.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("run %s in %s: %w", argv[0], n.name, err)
	}
	if end.ExitCode != 0 || end.Running {
		return fmt.Errorf("run %s in %s: status %d: %s", argv[0], n.name, end.ExitCode, strings.TrimSpace(out.String()))
	}
	return nil
}

// text is what the container has written.
func (n *node) text(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := n.Logs(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, 16<<20))
}

// end removes the container.
func (n *node) end(ctx context.Context) error {
	if n == nil || n.DockerContainer == nil {
		return nil
	}
	if n.meter != nil {
		n.meter.close()
	}
	n.pause(ctx, false) // a paused container cannot be stopped; best effort
	return n.Terminate(ctx, testcontainers.StopTimeout(0))
}
