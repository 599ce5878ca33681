package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

func init() {
	register(sim.FaultKind{
		Name: "latency", Group: "network", Class: sim.TargetLink,
		Needs:    []sim.Capability{sim.NetworkLink, sim.NetworkShape},
		Summary:  "makes every answer over a link take longer; connections stay open",
		Evidence: "round trips over the link, measured before, during and after",
		Heals:    "the delay is removed",
		Example:  "{ latency: inventory, at: 20s, for: 10s, delay: 80ms, jitter: 20ms }",
		Fields:   delayFields,
		NeedsFor: true, Span: lasting, New: newLatency,
	})
}

// delayFields are the settings of the faults that slow a link down.
var delayFields = []sim.Field{
	{Name: "delay", Type: "duration", Required: true, Help: "added to each round trip"},
	{Name: "jitter", Type: "duration", Help: "the delay varies by this much (default: 0)"},
	{Name: "distribution", Type: "word", Words: sim.Spreads, Help: "how it varies: evenly by up to the jitter either way; " +
		"normally, with the jitter as its standard deviation; or with a heavy tail above the delay (default: uniform)"},
}

func newLatency(c sim.FaultContext) sim.Injection {
	return onLinks(c, func(links []shapable) sim.Injection {
		return &latency{links: links, shape: sim.Shape{
			Delay: c.Spec.Duration("delay", 0), Jitter: c.Spec.Duration("jitter", 0), Spread: c.Spec.Word("distribution", sim.Spreads[0]),
		}}
	})
}

const (
	roundTrips = 5
	// healedTime is how long a link may take to be as quick as before once its
	// delay was removed.
	healedTime = 5 * time.Second
	// ownTime is how long the link's own round trip is measured before the fault.
	ownTime = 500 * time.Millisecond
)

type latency struct {
	links   []shapable
	shape   sim.Shape
	before  []time.Duration // medians, one per link
	during  []time.Duration
	after   []time.Duration
	trouble trouble
	probing sync.WaitGroup
	slow    bool
}

// Prepare measures the links as they are. A busy server answers late without a
// delay, too: the quickest of a few sets of round trips is the link's own.
func (l *latency) Prepare(ctx context.Context) error {
	l.before = l.measure(ctx)
	deadline := clock.Now() + int64(ownTime)
	for len(l.before) > 0 && slices.Max(l.before) > l.shape.Delay/4 && clock.Now() < deadline && ctx.Err() == nil {
		l.quickest(ctx, l.before)
	}
	return nil
}

// quickest measures again and keeps the lower median of each link.
func (l *latency) quickest(ctx context.Context, medians []time.Duration) {
	for i, next := range l.measure(ctx) {
		if next > 0 { // 0 where it could not be measured, which is noted as trouble
			medians[i] = min(medians[i], next)
		}
	}
}

func (l *latency) Inject(ctx context.Context) (string, error) {
	l.slow = true
	for _, link := range l.links {
		link.Shape(l.shape)
	}
	// The round trips of a slow link are slow: they must not hold up the heal.
	l.probing.Go(func() { l.during = l.measure(ctx) })
	return fmt.Sprintf("%s ± %s (%s) on %s", l.shape.Delay, l.shape.Jitter, l.shape.Spread, names(l.links)), nil
}

// measure returns the median round trip of each link.
func (l *latency) measure(ctx context.Context) []time.Duration {
	medians := make([]time.Duration, len(l.links))
	var wg sync.WaitGroup
	for i, link := range l.links {
		wg.Go(func() {
			var trips []time.Duration
			for range roundTrips {
				ctx, cancel := context.WithTimeout(ctx, roundTripTime)
				d, err := link.RoundTrip(ctx)
				cancel()
				if l.trouble.add(err) != nil {
					return
				}
				trips = append(trips, d)
			}
			slices.Sort(trips)
			medians[i] = trips[len(trips)/2]
		})
	}
	wg.Wait()
	return medians
}

func (l *latency) Heal(ctx context.Context) error {
	if !l.slow {
		return nil
	}
	l.slow = false
	l.probing.Wait()
	for _, link := range l.links {
		link.Shape(sim.Shape{})
	}
	l.after = l.measure(ctx)
	// A busy server answers late with no delay on the way, too: one set of quick
	// round trips shows that it is gone.
	for deadline := clock.Now() + int64(healedTime); clock.Now() < deadline && !l.gone(); {
		if clock.Sleep(ctx, 100*time.Millisecond) != nil {
			break
		}
		l.quickest(ctx, l.after)
	}
	return nil
}

// gone reports whether every link is as quick as before, give or take half the
// delay.
func (l *latency) gone() bool {
	for i := range l.links {
		if i >= len(l.before) || l.after[i] > l.before[i]+l.shape.Delay/2 {
			return false
		}
	}
	return true
}

func (l *latency) Evidence() sim.Evidence {
	if err := l.trouble.seen(); err != nil || len(l.before) == 0 || len(l.during) == 0 || len(l.after) == 0 {
		return unknown("round trips could not be measured: %v", err)
	}
	values := map[string]float64{}
	held := l.gone()
	var texts []string
	for i, link := range l.links {
		b, d, a := l.before[i], l.during[i], l.after[i]
		texts = append(texts, fmt.Sprintf("%s: %s before, %s during, %s after", link.Name(), round(b), round(d), round(a)))
		// Half the promised delay is more than any noise of a healthy link.
		held = held && d-b >= l.shape.Delay/2
		values[link.Name()+" before_ms"] = b.Seconds() * 1e3
		values[link.Name()+" during_ms"] = d.Seconds() * 1e3
		values[link.Name()+" after_ms"] = a.Seconds() * 1e3
	}
	e := evident(values, "round trips over %s", strings.Join(texts, "; "))
	if !held {
		e.Verdict = sim.Unknown
	}
	return e
}
