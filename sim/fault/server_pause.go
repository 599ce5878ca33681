package fault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"squall/sim"
)

// pausableServer is a server that can be stopped and resumed.
type pausableServer interface {
	sim.ServerControl
	sim.ServerPauser
}

// serverPause stops a server's processes and, with the heal, resumes them.
type serverPause struct {
	server   pausableServer
	name     string
	patience time.Duration
	silent   chan error // what became of a question while it was stopped
	since    time.Time
	took     time.Duration
	trouble  trouble
	paused   bool
}

func newServerPause(c sim.FaultContext) sim.Injection {
	return onServer(c, func(server pausableServer) sim.Injection {
		return &serverPause{server: server, name: c.Server.Named, patience: min(time.Second, c.Spec.For/2)}
	})
}

var errAnswered = errors.New("it answered while it was to be stopped")

func (s *serverPause) Inject(ctx context.Context) (string, error) {
	s.paused, s.since = true, time.Now()
	if err := s.trouble.add(s.server.Pause(context.WithoutCancel(ctx))); err != nil {
		return "", err
	}
	s.silent = make(chan error, 1)
	go func() { s.silent <- s.ask(ctx) }()
	return s.name + " is stopped", nil
}

// ask makes sure that the server is seen stopped, and does not answer.
func (s *serverPause) ask(ctx context.Context) error {
	stopped, err := s.server.Paused(ctx)
	if err != nil || !stopped {
		return fmt.Errorf("seen stopped: %v, %w", stopped, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	if s.server.Answers(ctx) == nil {
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
	err := s.server.Resume(ctx)
	s.took = time.Since(s.since)
	s.paused = err != nil
	if err == nil {
		s.trouble.add(s.server.Answers(ctx))
	}
	return err
}

func (s *serverPause) Evidence() sim.Evidence {
	if err := s.trouble.seen(); err != nil || s.took == 0 {
		return unknown("no standstill was seen: %v", err)
	}
	return evident(map[string]float64{"stopped_ms": s.took.Seconds() * 1e3},
		"%s was seen stopped and gave no answer for %s; it answers again after %s", s.name, s.patience, round(s.took))
}
