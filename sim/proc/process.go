package proc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"squall/sim"
)

const (
	readyTime  = 30 * time.Second
	readyPoll  = 10 * time.Millisecond
	politeTime = 3 * time.Second
	tailLines  = 20
)

// Process is one child, through all its lives.
type Process struct {
	launch sim.Launch

	mu      sync.Mutex
	life    *life // nil before the first start and after the last end
	paused  bool
	cpuPast time.Duration // of earlier lives
}

// life is one start of a process to its end.
type life struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	asked  bool          // its end was asked for
	done   chan struct{} // closed when it is reaped and all it wrote was read
	status *os.ProcessState
}

// Launch starts a process and waits until it is ready. The process is returned
// also with an error when it was started, to be stopped.
func Launch(ctx context.Context, l sim.Launch) (*Process, error) {
	p := &Process{launch: l}
	return p, p.Restart(ctx)
}

// Name returns the replica's name, such as "orders-1".
func (p *Process) Name() string { return p.launch.Name }

// Service returns the service that it is a replica of.
func (p *Process) Service() string { return p.launch.Service }

// Addr returns its own address, around all links.
func (p *Process) Addr() string { return p.launch.Addr }

// Alive reports whether it runs (it may be paused).
func (p *Process) Alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life != nil
}

// Restart starts the process, unless it runs, and waits until it is ready.
func (p *Process) Restart(ctx context.Context) error {
	p.mu.Lock()
	if p.life != nil {
		p.mu.Unlock()
		return nil
	}
	err := p.start()
	l := p.life
	p.mu.Unlock()
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name(), err)
	}
	p.launch.Event(sim.ProcessStarted, fmt.Sprintf("pid %d", l.cmd.Process.Pid))
	return p.ready(ctx, l)
}

// start runs the command once more, with more in its environment. The caller
// holds mu.
func (p *Process) start(more ...string) error {
	out, err := os.OpenFile(p.launch.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // the child has its own
	events, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = write.Close() }() // the child has its own
	cmd := exec.Command(p.launch.Argv[0], p.launch.Argv[1:]...)
	cmd.Env = append(slices.Clip(p.launch.Env), more...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{write} // file descriptor 3
	stdin, err := cmd.StdinPipe()
	if err != nil {
		_ = events.Close()
		return err
	}
	if err := start(cmd); err != nil {
		_ = events.Close()
		return err
	}
	l := &life{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	p.life, p.paused = l, false
	read := make(chan struct{})
	go func() { p.read(events); close(read) }()
	go p.reap(l, read)
	return nil
}

// read hands on each event line until the pipe ends, which is when the last
// holder of its other end is gone: nothing written before a SIGKILL is lost.
func (p *Process) read(events *os.File) {
	defer func() { _ = events.Close() }() // only read
	lines := bufio.NewReaderSize(events, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return // a half line at the end is no event
		}
		if p.launch.Line != nil {
			p.launch.Line(line)
		}
	}
}

// reap waits for the end of a life and reports it, as a death when nobody asked
// for it.
func (p *Process) reap(l *life, read <-chan struct{}) {
	_ = l.cmd.Wait() // how it ended is in ProcessState
	<-read
	p.mu.Lock()
	l.status = l.cmd.ProcessState
	asked := l.asked
	p.cpuPast += l.status.UserTime() + l.status.SystemTime()
	if p.life == l {
		p.life = nil
	}
	p.mu.Unlock()
	defer close(l.done) // whoever waits for the end goes on once it is recorded
	if asked {
		p.launch.Event(sim.ProcessStopped, l.status.String())
		return
	}
	p.launch.Event(sim.ProcessDied, p.death(l))
}

// death tells how a process ended, with the last lines of its log and where the
// rest is.
func (p *Process) death(l *life) string {
	s := fmt.Sprintf("%s ended by itself: %s; its log is %s", p.Name(), l.status, p.launch.Log)
	if tail := Tail(p.launch.Log, tailLines); tail != "" {
		s += "\n" + tail
	}
	return s
}

// ready polls GET /healthz until it answers, the process ends, or time is up.
func (p *Process) ready(ctx context.Context, l *life) error {
	if p.launch.Addr == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.launch.Addr+"/healthz", nil)
		if err != nil {
			return err
		}
		if resp, err := client.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-l.done:
			return errors.New(p.death(l))
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready within %s; its log is %s\n%s", p.Name(), readyTime, p.launch.Log, Tail(p.launch.Log, tailLines))
		}
	}
}

// Stop ends the process: it closes its standard input, and after a while
// kills it. It returns when the process is gone.
func (p *Process) Stop(ctx context.Context) {
	_ = p.Resume() // a process that cannot be resumed is killed below
	p.mu.Lock()
	l := p.life
	if l != nil {
		l.asked = true
		_ = l.stdin.Close() // fails on a process that is gone already
	}
	p.mu.Unlock()
	if l == nil {
		return
	}
	polite := time.NewTimer(politeTime)
	defer polite.Stop()
	select {
	case <-l.done:
		return
	case <-polite.C:
	case <-ctx.Done():
	}
	_ = l.cmd.Process.Kill() // fails on a process that is gone already
	<-l.done
}

// Tail returns the last n lines of a file, "" when it cannot be read.
func Tail(path string, n int) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
