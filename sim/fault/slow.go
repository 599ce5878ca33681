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
		Name: "slow", Group: "process", Class: sim.TargetProcess, Needs: []sim.Capability{sim.ProcessDegrade},
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
			how := sim.Degradation{Slow: by, SlowShare: c.Spec.Float("percentage", 1)}
			return newDegradation(c, victims(c), how, func(n sim.DegradationReport) sim.Evidence {
				values := map[string]float64{"worked": float64(n.Worked), "slowed": float64(n.Slowed), "slowed_ms": n.SlowedMS}
				if n.Slowed == 0 || n.SlowedMS < float64(n.Slowed)*by.Seconds()*1e3 {
					return unknown("%d of %d orders were slowed down, by %.0f ms in all", n.Slowed, n.Worked, n.SlowedMS)
				}
				return evident(values, "%d of %d orders were slowed down, by %.1f ms each", n.Slowed, n.Worked, n.SlowedMS/float64(n.Slowed))
			})
		},
	})
}

// degradable is a process that can be told to misbehave.
type degradable interface {
	sim.Process
	sim.Degrader
}

// degradation tells processes to misbehave, and asks them how often they did.
type degradation struct {
	victims  []degradable
	how      sim.Degradation
	evidence func(sim.DegradationReport) sim.Evidence
	sum      sim.DegradationReport
	trouble  trouble
	inForce  bool
}

func newDegradation(c sim.FaultContext, all []sim.Process, how sim.Degradation,
	evidence func(sim.DegradationReport) sim.Evidence) sim.Injection {
	return onProcesses(c, all, func(victims []degradable) sim.Injection {
		return &degradation{victims: victims, how: how, evidence: evidence}
	})
}

// tellTime bounds the request to one process.
const tellTime = 5 * time.Second

// tell tells every process how to behave, and adds up what they report.
func (s *degradation) tell(ctx context.Context, how sim.Degradation) error {
	var errs []error
	for _, v := range s.victims {
		ctx, cancel := context.WithTimeout(ctx, tellTime)
		n, err := v.Degrade(ctx, how)
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

func (s *degradation) Inject(ctx context.Context) (string, error) {
	s.inForce = true
	err := s.tell(ctx, s.how)
	s.sum = sim.DegradationReport{} // what they did before does not count
	return names(s.victims) + " were told", err
}

func (s *degradation) Heal(ctx context.Context) error {
	if !s.inForce {
		return nil
	}
	err := s.tell(ctx, sim.Degradation{})
	s.inForce = err != nil
	return err
}

func (s *degradation) Evidence() sim.Evidence {
	if err := s.trouble.seen(); err != nil {
		return unknown("the processes could not be told: %v", err)
	}
	return s.evidence(s.sum)
}
