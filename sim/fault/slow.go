package fault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "slow", Group: "process", Class: sim.TargetProcess,
		Summary:  "makes the work on orders take longer in running processes, as after a bad deployment",
		Evidence: "how many orders the processes worked on, how many of them more slowly, and by how much, as they measured it",
		Heals:    "the processes are told to work as before",
		Example:  "{ slow: inventory, at: 10s, for: 5s, by: 40ms, percentage: 50%, count: 2 }",
		Fields: []sim.Field{
			{Name: "by", Type: "duration", Required: true, Help: "added to the work on an order"},
			{Name: "percentage", Type: "share", Help: "of the orders (default: 100%)"},
			countField,
		},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			by := c.Spec.Duration("by", 0)
			return &tuned{victims: victims(c), tuning: sim.Degradation{Slow: by, SlowShare: c.Spec.Float("percentage", 1)}, evidence: func(n sim.DegradationReport) sim.Evidence {
				values := map[string]float64{"worked": float64(n.Worked), "slowed": float64(n.Slowed), "slowed_ms": n.SlowedMS}
				if n.Slowed == 0 || n.SlowedMS < float64(n.Slowed)*by.Seconds()*1e3 {
					return unknown("%d of %d orders were slowed down, by %.0f ms in all", n.Slowed, n.Worked, n.SlowedMS)
				}
				return evident(values, "%d of %d orders were slowed down, by %.1f ms each", n.Slowed, n.Worked, n.SlowedMS/float64(n.Slowed))
			}}
		},
	})
}

// tuned tells processes to misbehave, and asks them what came of it.
type tuned struct {
	victims  []sim.Process
	tuning   sim.Degradation
	evidence func(sim.DegradationReport) sim.Evidence
	sum      sim.DegradationReport
	trouble  trouble
	inForce  bool
}

// tuneTime bounds the telling of one process.
const tuneTime = 5 * time.Second

func (s *tuned) tune(ctx context.Context, t sim.Degradation) error {
	var errs []error
	for _, v := range s.victims {
		ctx, cancel := context.WithTimeout(ctx, tuneTime)
		n, err := v.(sim.Degrader).Degrade(ctx, t)
		cancel()
		if err != nil {
			errs = append(errs, fmt.Errorf("tell %s: %w", v.Name(), err))
			continue
		}
		s.sum.Worked += n.Worked
		s.sum.Slowed += n.Slowed
		s.sum.SlowedMS += n.SlowedMS
		s.sum.Charged += n.Charged
		s.sum.Failed += n.Failed
	}
	return s.trouble.add(errors.Join(errs...))
}

func (s *tuned) Inject(ctx context.Context) (string, error) {
	s.inForce = true
	err := s.tune(ctx, s.tuning)
	s.sum = sim.DegradationReport{} // what was before does not count
	return names(s.victims) + " were told", err
}

func (s *tuned) Heal(ctx context.Context) error {
	if !s.inForce {
		return nil
	}
	err := s.tune(ctx, sim.Degradation{})
	s.inForce = err != nil
	return err
}

func (s *tuned) Evidence() sim.Evidence {
	if err := s.trouble.seen(); err != nil {
		return unknown("the processes could not be told: %v", err)
	}
	return s.evidence(s.sum)
}
