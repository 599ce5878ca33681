package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// ErrStopped says that a condition of the scenario ended the run: the steady
// state was not there, or a stop condition was met. What was recorded is kept.
var ErrStopped = errors.New("stopped")

const (
	conditionEvery = time.Second
	// conditionWindow is the stretch of time that a stop condition looks at.
	conditionWindow = 5 * time.Second
)

// watchConditions judges the steady-state hypothesis once, before the first fault, and
// the stop conditions every second; it ends the load when it has to.
func (t *trial) watchConditions(ctx context.Context, sc sim.Scenario, end context.CancelCauseFunc) {
	if steady := t.concerning(sc.Steady); len(steady) > 0 && len(sc.Faults) > 0 {
		first := slices.MinFunc(sc.Faults, func(a, b sim.FaultSpec) int { return int(a.At - b.At) })
		if clock.SleepUntil(ctx, t.start+max(0, int64(first.At-conditionEvery/2))) != nil {
			return
		}
		from := t.start + int64(sc.Load.Discarded())
		for _, e := range t.deps.Evaluate(steady, t.live.Figures(from, clock.Now())) {
			if e.Verdict != sim.Pass {
				t.stop(sim.SteadyFailed, e, end)
				return
			}
		}
		t.tell("the steady state holds: " + strings.Join(steady, ", "))
	}
	conditions := t.concerning(sc.Stop)
	for len(conditions) > 0 && clock.Sleep(ctx, conditionEvery) == nil {
		now := clock.Now()
		for _, e := range t.deps.Evaluate(conditions, t.live.Figures(now-int64(conditionWindow), now)) {
			if e.Verdict == sim.Pass {
				t.stop(sim.StopMet, e, end)
				return
			}
		}
	}
}

func (t *trial) stop(kind string, e sim.Expectation, end context.CancelCauseFunc) {
	detail := fmt.Sprintf("%s (%s)", e.Text, e.Detail)
	t.write(sim.Event{Kind: kind, Detail: detail})
	t.tell("stopping: " + detail)
	end(fmt.Errorf("%w: %s", ErrStopped, detail))
}

// concerning returns the conditions that are about this trial's variant.
func (t *trial) concerning(conditions []string) (own []string) {
	for _, c := range conditions {
		if slices.Contains(t.deps.About(c), t.progress.Trial.Variant) {
			own = append(own, c)
		}
	}
	return own
}
