package fault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"squall/sim"
)

// serverPause stops a server in its tracks and, with the heal, has it go on.
type serverPause struct {
	server   sim.Server
	patience time.Duration
	silent   chan error // what became of a question while it was stopped
	since    time.Time
	took     time.Duration
	trouble  trouble
	paused   bool
}

func newServerPause(c sim.FaultContext) sim.Injection {
	return &serverPause{server: c.Server, patience: min(time.Second, c.Spec.For/2)}
}

var errAnswered = errors.New("it answered while it was to be stopped")

func (s *serverPause) Inject(ctx context.Context) (string, error) {
	p, ok := s.server.Control.(sim.ServerPauser)
	if !ok {
		return "", s.trouble.add(errors.New("this backing has no such server to stop"))
	}
	s.paused, s.since = true, time.Now()
	if err := s.trouble.add(p.Pause(context.WithoutCancel(ctx))); err != nil {
		return "", err
	}
	s.silent = make(chan error, 1)
	go func() { s.silent <- s.ask(ctx, p) }()
	return s.server.Named + " is stopped", nil
}

// ask makes sure that the server is seen stopped, and does not answer.
func (s *serverPause) ask(ctx context.Context, p sim.ServerPauser) error {
	stopped, err := p.Paused(ctx)
	if err != nil || !stopped {
		return fmt.Errorf("seen stopped: %v, %w", stopped, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	if s.server.Control.Answers(ctx) == nil {
		return errAnswered
	}
	return nil
}

func (s *serverPause) Heal(ctx context.Context) error {
	if !s.paused {
		return nil
	}
	if s.silent != nil {
		s.trouble.add(<-s.silent)
		s.silent = nil
	}
	err := s.server.Control.(sim.ServerPauser).Resume(ctx)
	s.took = time.Since(s.since)
	s.paused = err != nil
	if err == nil {
		s.trouble.add(s.server.Control.Answers(ctx))
	}
	return err
}

func (s *serverPause) Evidence() sim.Evidence {
	if err := s.trouble.seen(); err != nil || s.took == 0 {
		return unknown("no standstill was seen: %v", err)
	}
	return evident(map[string]float64{"stopped_ms": s.took.Seconds() * 1e3},
		"%s was seen stopped and gave no answer for %s; it answers again after %s", s.server.Named, s.patience, round(s.took))
}
