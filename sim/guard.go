package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrStopped says that a condition of the scenario ended the run: the steady
// state was not there, or a stop condition was met. What was recorded is kept.
var ErrStopped = errors.New("stopped")

// Live keeps the figures of a trial as it goes.
type Live interface {
	Add(Event)
	// Figures are those of the requests answered in a stretch of time.
	Figures(from, to int64) *VariantResult
	// AcceptP99 is in milliseconds, of the requests answered since a moment; 0
	// where there was none.
	AcceptP99(from int64) float64
}

const (
	guardEvery = time.Second
	// guardWindow is the stretch of time that a stop condition looks at.
	guardWindow = 5 * time.Second
)

// guard judges the steady-state hypothesis once, before the first fault, and
// the stop conditions every second; it ends the load when it has to.
func (t *trial) guard(ctx context.Context, sc Scenario, end context.CancelCauseFunc) {
	if steady := t.concerning(sc.Steady); len(steady) > 0 && len(sc.Faults) > 0 {
		first := slices.MinFunc(sc.Faults, func(a, b FaultSpec) int { return int(a.At - b.At) })
		if SleepUntil(ctx, t.start+max(0, int64(first.At-guardEvery/2))) != nil {
			return
		}
		from := t.start + int64(sc.Load.Discarded())
		for _, e := range t.parts.Holds(steady, t.live.Figures(from, Now())) {
			if e.Verdict != Pass {
				t.stop(SteadyFailed, e, end)
				return
			}
		}
		t.tell("the steady state holds: " + strings.Join(steady, ", "))
	}
	conditions := t.concerning(sc.Stop)
	for len(conditions) > 0 && Sleep(ctx, guardEvery) == nil {
		now := Now()
		for _, e := range t.parts.Holds(conditions, t.live.Figures(now-int64(guardWindow), now)) {
			if e.Verdict == Pass {
				t.stop(StopMet, e, end)
				return
			}
		}
	}
}

func (t *trial) stop(kind string, e Expectation, end context.CancelCauseFunc) {
	detail := fmt.Sprintf("%s (%s)", e.Text, e.Detail)
	t.write(Event{Kind: kind, Detail: detail})
	t.tell("stopping: " + detail)
	end(fmt.Errorf("%w: %s", ErrStopped, detail))
}

// concerning returns the conditions that are about this trial's variant.
func (t *trial) concerning(conditions []string) (own []string) {
	for _, c := range conditions {
		if slices.Contains(t.parts.About(c), t.progress.Trial.Variant) {
			own = append(own, c)
		}
	}
	return own
}
