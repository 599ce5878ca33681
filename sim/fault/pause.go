package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

func init() {
	register(sim.FaultKind{
		Name: "pause", Group: "process", Class: sim.TargetProcess, Needs: []sim.Capability{sim.ProcessPause, sim.ProcessMeter},
		Summary:  "stops processes with SIGSTOP: their connections stay open and nobody answers",
		Evidence: "the kernel shows each process stopped, and its CPU time stands still until the heal",
		Heals:    "SIGCONT",
		Example:  "{ pause: payment, at: 10s, for: 5s, count: 1 }",
		Fields:   []sim.Field{countField},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			return onProcesses(c, victims(c), func(all []pausable) sim.Injection { return &pause{victims: all} })
		},
	})
}

// stopTime is how long a process may take to be seen stopped.
const stopTime = 2 * time.Second

// pausable is a process that can be stopped and resumed, and seen stopped.
type pausable interface {
	sim.Process
	sim.Pauser
	sim.Metered
}

type pause struct {
	victims []pausable
	stopped []time.Duration // CPU time of each victim once it was seen stopped
	seen    []string
	trouble []string
	healed  bool
}

func (p *pause) Inject(ctx context.Context) (string, error) {
	var names []string
	for _, v := range p.victims {
		if err := v.Pause(); err != nil {
			p.trouble = append(p.trouble, err.Error())
			continue
		}
		names = append(names, v.Name())
	}
	for _, v := range p.victims {
		r, err := standstill(ctx, v)
		if err != nil {
			p.trouble = append(p.trouble, err.Error())
		}
		p.stopped = append(p.stopped, r.CPU)
	}
	if len(p.trouble) > 0 {
		return "", errors.New(strings.Join(p.trouble, "; "))
	}
	return "stopped " + strings.Join(names, ", "), nil
}

// standstill waits until the kernel shows a process stopped.
func standstill(ctx context.Context, v pausable) (r sim.Resources, err error) {
	for deadline := clock.Now() + int64(stopTime); clock.Now() < deadline; {
		if r, err = v.Resources(); err != nil {
			return r, fmt.Errorf("%s: %w", v.Name(), err)
		}
		if r.State == "T" {
			return r, nil
		}
		if err := clock.Sleep(ctx, 5*time.Millisecond); err != nil {
			return r, err
		}
	}
	return r, fmt.Errorf("%s is in state %s %s after SIGSTOP", v.Name(), r.State, stopTime)
}

func (p *pause) Heal(context.Context) error {
	if p.healed {
		return nil
	}
	p.healed = true
	var errs []error
	for i, v := range p.victims {
		if i < len(p.stopped) {
			p.compare(v, p.stopped[i])
		}
		if err := v.Resume(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// compare reads the state of a process just before it is resumed.
func (p *pause) compare(v pausable, before time.Duration) {
	r, err := v.Resources()
	switch {
	case err != nil:
		p.trouble = append(p.trouble, v.Name()+": "+err.Error())
	case r.State != "T":
		p.trouble = append(p.trouble, fmt.Sprintf("%s was in state %s at the end of its pause", v.Name(), r.State))
	case r.CPU != before:
		p.trouble = append(p.trouble, fmt.Sprintf("%s used %s of CPU while paused", v.Name(), r.CPU-before))
	default:
		p.seen = append(p.seen, v.Name())
	}
}

func (p *pause) Evidence() sim.Evidence {
	if len(p.trouble) > 0 || len(p.seen) == 0 {
		return unknown("no standstill was seen: %s", strings.Join(p.trouble, "; "))
	}
	return evident(map[string]float64{"paused": float64(len(p.seen))},
		"%s stopped, with no CPU time used until resumed", strings.Join(p.seen, ", "))
}
