package scenarios

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

func (p *scenarioReader) services(n ast.Node) {
	for _, e := range p.mapping(n, "services") {
		s, ok := p.sc.Services[e.key]
		if !ok {
			p.complain(e.node, "services: unknown service %q, expected one of %s", e.key, strings.Join(ServiceNames, ", "))
			continue
		}
		p.service(e, &s)
		p.sc.Services[e.key] = s
	}
}

func (p *scenarioReader) service(e entry, s *sim.Service) {
	count := func(into *int, what string, highest int64) func(ast.Node) {
		return func(n ast.Node) {
			if v, ok := p.whole(n, what, 1, highest); ok {
				*into = int(v)
			}
		}
	}
	known := map[string]func(ast.Node){
		"replicas": count(&s.Replicas, "replicas", 64),
		"workers":  count(&s.Workers, "workers", 10_000),
		"work":     func(n ast.Node) { p.work(n, &s.Work) },
	}
	if e.key == "provider" {
		// The payment provider is a single process, since it has a single ledger.
		delete(known, "replicas")
		known["declines"] = func(n ast.Node) { s.Declines, _ = p.share(n, "declines") }
		known["errors"] = func(n ast.Node) { s.Errors, _ = p.share(n, "errors") }
	} else {
		known["delivery_limit"] = count(&s.DeliveryLimit, "delivery_limit", 1000)
		known["prefetch"] = count(&s.Prefetch, "prefetch", 10_000)
		known["timeout"] = func(n ast.Node) {
			if d, ok := p.duration(n, "timeout"); ok && d == 0 {
				p.complain(n, "timeout: saw 0, expected a duration above it")
			} else if ok {
				s.Timeout = d
			}
		}
	}
	if e.key == "shipping" {
		known["transit"] = func(n ast.Node) { s.Transit, _ = p.duration(n, "transit") }
	}
	p.fields(e.value, e.key, known)
}

// work reads "2ms", or { median: 15ms, p99: 90ms }.
func (p *scenarioReader) work(n ast.Node, w *sim.Work) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		d, _ := p.duration(n, "work")
		*w = sim.Work{Median: d, P99: d}
		return
	}
	*w = sim.Work{}
	p.fields(n, "work", map[string]func(ast.Node){
		"median": func(n ast.Node) { w.Median, _ = p.duration(n, "median") },
		"p99":    func(n ast.Node) { w.P99, _ = p.duration(n, "p99") },
	})
	if w.P99 == 0 {
		w.P99 = w.Median
	}
	if w.P99 < w.Median {
		p.complain(n, "work: saw a p99 of %s under the median of %s", w.P99, w.Median)
	}
}
