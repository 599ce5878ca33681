package scenarios

import (
	"time"

	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

// The bounds of a load. All requests are computed before the first is sent, and
// each order keeps a record in memory when a run is judged.
const (
	maxDuration = 24 * time.Hour
	maxRequests = 5_000_000
)

func (p *scenarioReader) load(n ast.Node) {
	var phases ast.Node
	p.fields(n, "load", map[string]func(ast.Node){
		"arrivals": func(n ast.Node) {
			s, ok := p.text(n, "arrivals")
			if ok && s != "poisson" && s != "uniform" {
				p.complain(n, "arrivals: saw %q, expected poisson or uniform", s)
			}
			p.sc.Load.Arrivals = s
		},
		"timeout": func(n ast.Node) {
			if d, ok := p.duration(n, "timeout"); ok && !until(d, 10*time.Minute) {
				p.complain(n, "timeout: saw %s, expected more than 0 and at most 10m", d)
			} else if ok {
				p.sc.Load.Timeout = d
			}
		},
		"phases": func(n ast.Node) { phases = n },
	})
	if phases == nil {
		p.complain(n, "load: it has no phases")
		return
	}
	items := p.list(phases, "phases")
	if len(items) == 0 {
		p.complain(phases, "phases: expected at least one")
	}
	for _, item := range items {
		p.phase(item)
	}
	if p.sc.Load.Duration() > maxDuration {
		p.complain(phases, "phases: they last %s, expected at most %s", p.sc.Load.Duration(), maxDuration)
	}
	if n := p.sc.Load.Requests(); n > maxRequests {
		p.complain(phases, "phases: they ask for about %.0f requests, expected at most %d", n, maxRequests)
	}
}

func (p *scenarioReader) phase(n ast.Node) {
	var ph sim.Phase
	var hasFor, hasRate bool
	p.fields(n, "phase", map[string]func(ast.Node){
		"name": func(n ast.Node) { ph.Name, _ = p.text(n, "name") },
		"for": func(n ast.Node) {
			hasFor = true
			var ok bool
			if ph.For, ok = p.duration(n, "for"); ok && ph.For == 0 {
				p.complain(n, "for: saw 0, expected a duration above it")
			}
		},
		"rate": func(n ast.Node) {
			hasRate = true
			s, ok := p.text(n, "rate")
			var err error
			if ph.From, ph.To, err = parseRamp(s); ok && err != nil {
				p.complain(n, "rate: saw %q, expected a rate such as 150/s, or a ramp such as 150/s..900/s, at most %d/s", s, maxRate)
			}
		},
		"discard": func(n ast.Node) {
			b, ok := n.(*ast.BoolNode)
			if !ok {
				p.complain(n, "discard: saw %s, expected true or false", describe(n))
				return
			}
			ph.Discard = b.Value
		},
	})
	if !hasFor {
		p.complain(n, "phase: it has no for")
	}
	if !hasRate {
		p.complain(n, "phase: it has no rate")
	}
	if ph.Name == "" {
		ph.Name = "phase-" + string(rune('1'+len(p.sc.Load.Phases)%9))
	}
	p.sc.Load.Phases = append(p.sc.Load.Phases, ph)
}
