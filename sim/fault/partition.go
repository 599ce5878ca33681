package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name:     "partition",
		Summary:  "cuts a link: its connections end, and new ones are refused",
		Class:    sim.TargetLink,
		Evidence: "a round trip over the link before, one that fails during, and one after",
		Heals:    "connections are let in again",
		Example:  "{ partition: inventory->broker, at: 10s, for: 3s }",
		NeedsFor: true,
		Span:     func(f sim.FaultSpec) time.Duration { return f.For },
		New:      func(c sim.FaultContext) sim.Injection { return &partition{proxies: c.Proxies} },
	})
}

type partition struct {
	proxies []sim.Proxy
	cut     int
	refused int // links that let nobody through while they were to be cut
	trouble error
}

func (p *partition) Inject(ctx context.Context) (string, error) {
	var names []string
	for _, l := range p.proxies {
		names = append(names, l.Name())
		_, before := p.trip(ctx, l)
		n, err := l.(sim.Cutter).Block(true)
		p.cut += n
		p.trouble = errors.Join(p.trouble, before, err)
		if through, _ := p.trip(ctx, l); !through {
			p.refused++
		}
	}
	return fmt.Sprintf("%s: %d connections ended, new ones refused", strings.Join(names, ", "), p.cut), p.trouble
}

// trip reports whether a round trip over a link succeeds.
func (p *partition) trip(ctx context.Context, l sim.Proxy) (through bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, roundTripTime)
	defer cancel()
	_, err = l.RoundTrip(ctx)
	return err == nil, err
}

func (p *partition) Heal(ctx context.Context) error {
	var errs []error
	for _, l := range p.proxies {
		_, err := l.(sim.Cutter).Block(false)
		errs = append(errs, err)
		_, after := p.trip(ctx, l)
		p.trouble = errors.Join(p.trouble, after)
	}
	return errors.Join(errs...)
}

func (p *partition) Evidence() sim.Evidence {
	if p.trouble != nil || p.refused < len(p.proxies) || len(p.proxies) == 0 {
		return sim.Evidence{Verdict: sim.Unknown, Text: fmt.Sprintf("%d of %d links let nobody through; trouble: %v", p.refused, len(p.proxies), p.trouble)}
	}
	return sim.Evidence{
		Verdict: sim.Pass, Text: fmt.Sprintf("%d links let nobody through, %d connections ended; all answer again", p.refused, p.cut),
		Values: map[string]float64{"cut": float64(p.cut)},
	}
}
