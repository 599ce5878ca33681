package fault

import (
	"context"
	"errors"
	"fmt"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "partition", Group: "network", Class: sim.TargetLink, Needs: []sim.Capability{sim.NetworkLink, sim.NetworkCut},
		Summary:  "cuts a link: its connections end, and new ones are refused",
		Evidence: "a round trip over the link before, one that fails during, and one after",
		Heals:    "connections are let in again",
		Example:  "{ partition: inventory, at: 10s, for: 3s }",
		NeedsFor: true, Span: lasting, New: newPartition,
	})
}

func newPartition(c sim.FaultContext) sim.Injection {
	return onLinks(c, func(links []cuttable) sim.Injection { return &partition{links: links} })
}

type partition struct {
	links   []cuttable
	cut     int
	refused int // links that did not carry while they were to be cut
	trouble trouble
	inForce bool
}

// Prepare makes sure that the links carry.
func (p *partition) Prepare(ctx context.Context) error {
	return p.trouble.add(carry(ctx, p.links))
}

func (p *partition) Inject(ctx context.Context) (string, error) {
	p.inForce = true
	for _, l := range p.links {
		n, err := l.Block(true)
		p.cut += n
		p.trouble.add(err)
	}
	for _, l := range p.links {
		if carry(ctx, []cuttable{l}) != nil {
			p.refused++
		}
	}
	return fmt.Sprintf("%s: %d connections ended, new ones refused", names(p.links), p.cut), nil
}

func (p *partition) Heal(ctx context.Context) error {
	if !p.inForce {
		return nil
	}
	var errs []error
	for _, l := range p.links {
		_, err := l.Block(false)
		errs = append(errs, err)
	}
	p.trouble.add(carry(ctx, p.links))
	p.inForce = errors.Join(errs...) != nil
	return errors.Join(errs...)
}

func (p *partition) Evidence() sim.Evidence {
	if err := p.trouble.seen(); err != nil || p.refused < len(p.links) || len(p.links) == 0 {
		return unknown("%d of %d links let nobody through; trouble: %v", p.refused, len(p.links), err)
	}
	return evident(map[string]float64{"cut": float64(p.cut)},
		"%d links let nobody through, %d connections ended; all answer again", p.refused, p.cut)
}
