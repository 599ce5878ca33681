package proc

import (
	"context"
	"fmt"
	"strconv"
	"syscall"
	"time"

	"squall/sim"
)

// killTime is how long a killed process may take to be reaped.
const killTime = 10 * time.Second

// Kill sends SIGKILL and reaps. An error means that the process did not run or
// died of something else; then the fault did not take hold.
func (p *Process) Kill() (status string, err error) {
	p.mu.Lock()
	l := p.life
	if l == nil {
		p.mu.Unlock()
		return "", fmt.Errorf("kill %s: it does not run", p.Name())
	}
	l.asked = true
	err = l.cmd.Process.Signal(syscall.SIGKILL)
	p.mu.Unlock()
	if err != nil {
		return "", fmt.Errorf("kill %s: %w", p.Name(), err)
	}
	timeout := time.NewTimer(killTime)
	defer timeout.Stop()
	select {
	case <-l.done:
	case <-timeout.C:
		return "", fmt.Errorf("kill %s: not reaped within %s", p.Name(), killTime)
	}
	if !killed(l) {
		return l.status.String(), fmt.Errorf("kill %s: the reaped status is %q, expected death by SIGKILL", p.Name(), l.status)
	}
	return l.status.String(), nil
}

// CrashAt asks the process, at POST /crash-at on its own address, to send itself
// SIGKILL when it reaches a failpoint for the nth time, and waits for that. That
// end counts as asked for.
func (p *Process) CrashAt(ctx context.Context, point string, nth int) (status string, err error) {
	l, err := p.armed(ctx, point, nth)
	if err != nil {
		return "", fmt.Errorf("crash %s: %w", p.Name(), err)
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		disarm, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if p.arm(disarm, point, 0) == nil {
			p.mu.Lock()
			l.asked = false
			p.mu.Unlock()
		}
		return "", ctx.Err()
	}
	if !killed(l) {
		return l.status.String(), fmt.Errorf("crash %s: the reaped status is %q, expected death by SIGKILL", p.Name(), l.status)
	}
	return l.status.String(), nil
}

// armed arms a process that runs, or starts one that is dead with the failpoint
// in its environment.
func (p *Process) armed(ctx context.Context, point string, nth int) (*life, error) {
	p.mu.Lock()
	l := p.life
	if l != nil {
		l.asked = true
		p.mu.Unlock()
		err := p.arm(ctx, point, nth)
		if err != nil {
			p.mu.Lock()
			l.asked = false
			p.mu.Unlock()
		}
		return l, err
	}
	defer p.mu.Unlock()
	err := p.start("SQUALL_CRASH_AT=" + point + ":" + strconv.Itoa(nth))
	if err != nil {
		return nil, err
	}
	p.life.asked = true
	p.launch.Event(sim.ProcessStarted, fmt.Sprintf("pid %d, to crash at %s", p.life.cmd.Process.Pid, point))
	return p.life, nil
}

// killed reports whether a life ended by SIGKILL.
func killed(l *life) bool {
	ws, ok := l.status.Sys().(syscall.WaitStatus)
	return ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL
}

// Pause sends SIGSTOP.
func (p *Process) Pause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil {
		return fmt.Errorf("pause %s: it does not run", p.Name())
	}
	if err := p.life.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("pause %s: %w", p.Name(), err)
	}
	p.paused = true
	return nil
}

// Resume sends SIGCONT to a process that was paused.
func (p *Process) Resume() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil || !p.paused {
		return nil
	}
	if err := p.life.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		return fmt.Errorf("resume %s: %w", p.Name(), err)
	}
	p.paused = false
	return nil
}
