package fault

import (
	"context"
	"fmt"
	"strings"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "bandwidth", Group: "network", Class: sim.TargetLink,
		Summary:   "lets only so many bytes a second over a link, each way, for all its connections together; what is beyond waits",
		Needs:     []sim.Capability{sim.NetworkLink, sim.NetworkShape, sim.NetworkCount},
		Condition: "traffic that reaches the rate: below it the fault does nothing, and has no evidence",
		Evidence:  "the bytes that crossed while it was in force, and how long bytes waited for the rate",
		Heals:     "the bound is removed, and what waits goes out",
		Example:   "{ bandwidth: inventory, at: 20s, for: 10s, rate: 4KB/s }",
		Fields:    []sim.Field{{Name: "rate", Type: "bandwidth", Required: true, Help: "bytes per second, such as 16KB/s"}},
		NeedsFor:  true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			return onLinks(c, func(links []measurable) sim.Injection {
				return &bandwidth{links: links, rate: c.Spec.Float("rate", 0)}
			})
		},
	})
}

type bandwidth struct {
	links  []measurable
	rate   float64
	since  time.Time
	took   time.Duration // that it was in force
	before []sim.Traffic
	during []sim.Traffic
	narrow bool
	after  error
}

func (b *bandwidth) traffic() (all []sim.Traffic) {
	for _, l := range b.links {
		all = append(all, l.Traffic())
	}
	return all
}

func (b *bandwidth) Inject(context.Context) (string, error) {
	b.narrow, b.since, b.before = true, time.Now(), b.traffic()
	for _, l := range b.links {
		l.Shape(sim.Shape{Rate: b.rate})
	}
	return fmt.Sprintf("%.0f bytes a second each way over %s", b.rate, names(b.links)), nil
}

func (b *bandwidth) Heal(ctx context.Context) error {
	if !b.narrow {
		return nil
	}
	b.narrow, b.took, b.during = false, time.Since(b.since), b.traffic()
	for _, l := range b.links {
		l.Shape(sim.Shape{})
	}
	b.after = carry(ctx, b.links)
	return nil
}

// bandwidthSlack is how many seconds' worth of the rate may cross beside what
// the time allows: pieces that are on their way when it begins and ends.
const bandwidthSlack = 0.5

func (b *bandwidth) Evidence() sim.Evidence {
	if b.after != nil || len(b.during) == 0 {
		return unknown("the links could not be measured: %v", b.after)
	}
	values := map[string]float64{}
	var texts []string
	var waited time.Duration
	most := b.rate * (b.took.Seconds() + bandwidthSlack)
	for i, l := range b.links {
		up, down := float64(b.during[i].Requests-b.before[i].Requests), float64(b.during[i].Answers-b.before[i].Answers)
		w := b.during[i].Throttled - b.before[i].Throttled
		waited += w
		text := fmt.Sprintf("%s: %.0f and %.0f bytes in %s, which waited %s", l.Name(), up, down, round(b.took), round(w))
		if max(up, down) > most {
			return unknown("%s; at most %.0f should have crossed", text, most)
		}
		texts = append(texts, text)
		values[l.Name()+" requests_bytes"], values[l.Name()+" answers_bytes"] = up, down
		values[l.Name()+" waited_ms"] = w.Seconds() * 1e3
	}
	if waited == 0 {
		return unknown("%s: the traffic never reached the rate", strings.Join(texts, "; "))
	}
	return evident(values, "%s", strings.Join(texts, "; "))
}
