package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name:     "latency",
		Summary:  "makes every answer over a link take longer; connections stay open",
		Class:    sim.TargetLink,
		Evidence: "round trips over the link, measured before, during and after",
		Heals:    "the delay is removed",
		Example:  "{ latency: inventory, at: 20s, for: 10s, delay: 80ms, jitter: 20ms }",
		Fields: []sim.Field{
			{Name: "delay", Type: "duration", Required: true, Help: "added to each round trip"},
			{Name: "jitter", Type: "duration", Help: "the delay varies by this much either way, evenly (default: 0)"},
		},
		NeedsFor: true,
		Span:     func(f sim.FaultSpec) time.Duration { return f.For },
		New: func(c sim.FaultContext) sim.Injection {
			return &latency{proxies: c.Proxies, delay: c.Spec.Duration("delay", 0), jitter: c.Spec.Duration("jitter", 0)}
		},
	})
}

const (
	roundTrips    = 5
	roundTripTime = 5 * time.Second
	// quietTime is how long a link may take to be as quick as before once its
	// delay was removed.
	quietTime = 5 * time.Second
)

type latency struct {
	proxies       []sim.Proxy
	delay, jitter time.Duration
	before        []time.Duration // medians, one per link
	during        []time.Duration
	after         []time.Duration
	trouble       []string
	probing       sync.WaitGroup
	mu            sync.Mutex
	healed        bool
}

func (l *latency) Inject(ctx context.Context) (string, error) {
	l.before = l.measure(ctx)
	var errs []error
	var names []string
	for _, p := range l.proxies {
		names = append(names, p.Name())
		if err := p.Delay(l.delay, l.jitter); err != nil {
			errs = append(errs, err)
		}
	}
	// The round trips of a slow link are slow: they must not hold up the heal.
	l.probing.Go(func() { l.during = l.measure(ctx) })
	return fmt.Sprintf("%s ± %s on %s", l.delay, l.jitter, strings.Join(names, ", ")), errors.Join(errs...)
}

// measure returns the median round trip of each link.
func (l *latency) measure(ctx context.Context) []time.Duration {
	medians := make([]time.Duration, len(l.proxies))
	var wg sync.WaitGroup
	for i, p := range l.proxies {
		wg.Go(func() {
			var trips []time.Duration
			for range roundTrips {
				ctx, cancel := context.WithTimeout(ctx, roundTripTime)
				d, err := p.RoundTrip(ctx)
				cancel()
				if err != nil {
					l.mu.Lock()
					l.trouble = append(l.trouble, err.Error())
					l.mu.Unlock()
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
	if l.healed {
		return nil
	}
	l.probing.Wait()
	var errs []error
	for _, p := range l.proxies {
		if err := p.Delay(0, 0); err != nil {
			errs = append(errs, err)
		}
	}
	l.healed = len(errs) == 0
	l.after = l.measure(ctx)
	// A busy server answers late with no delay on the way, too: one set of quick
	// round trips shows that it is gone.
	for deadline := sim.Now() + int64(quietTime); sim.Now() < deadline && !l.gone(); {
		if sim.Sleep(ctx, 100*time.Millisecond) != nil {
			break
		}
		for i, again := range l.measure(ctx) {
			l.after[i] = min(l.after[i], again)
		}
	}
	return errors.Join(errs...)
}

// gone reports whether every link is as quick as before, give or take half the
// delay.
func (l *latency) gone() bool {
	for i := range l.proxies {
		if l.after[i] > l.before[i]+l.delay/2 {
			return false
		}
	}
	return true
}

func (l *latency) Evidence() sim.Evidence {
	if len(l.trouble) > 0 || len(l.during) == 0 || len(l.after) == 0 {
		return sim.Evidence{Verdict: sim.Unknown, Text: "round trips could not be measured: " + strings.Join(l.trouble, "; ")}
	}
	e := sim.Evidence{Verdict: sim.Pass, Values: map[string]float64{}}
	var texts []string
	for i, p := range l.proxies {
		b, d, a := l.before[i], l.during[i], l.after[i]
		texts = append(texts, fmt.Sprintf("%s: %s before, %s during, %s after", p.Name(), round(b), round(d), round(a)))
		// Half the promised delay is more than any noise of a healthy link.
		if d-b < l.delay/2 || !l.gone() {
			e.Verdict = sim.Unknown
		}
		e.Values[p.Name()+" before_ms"] = b.Seconds() * 1e3
		e.Values[p.Name()+" during_ms"] = d.Seconds() * 1e3
		e.Values[p.Name()+" after_ms"] = a.Seconds() * 1e3
	}
	e.Text = "round trips over " + strings.Join(texts, "; ")
	return e
}

func round(d time.Duration) time.Duration {
	if d > 10*time.Millisecond {
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
