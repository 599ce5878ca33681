package scenarios

import (
	"github.com/goccy/go-yaml/ast"

	"squall/sim"
	"squall/sim/measure"
)

// compare reads when a difference in a figure counts:
//
//	compare:
//	  accept p99: { min_effect: 20%, alpha: 0.01 }
func (p *scenarioReader) compare(n ast.Node) {
	p.sc.Compare = map[string]sim.Threshold{}
	for _, e := range p.mapping(n, "compare") {
		f, err := measure.FindCompared(e.key)
		if err != nil {
			p.complain(e.node, "compare: %s", err)
			continue
		}
		var t sim.Threshold
		p.fields(e.value, e.key, map[string]func(ast.Node){
			"alpha":      p.threshold("alpha", &t.Alpha, measure.ParseAlpha),
			"min_effect": p.threshold("min_effect", &t.MinEffect, func(s string) (float64, error) { return measure.ParseMinEffect(f, s) }),
		})
		p.sc.Compare[e.key] = t
	}
}

func (p *scenarioReader) threshold(name string, into **float64, parse func(string) (float64, error)) func(ast.Node) {
	return func(n ast.Node) {
		s, ok := p.text(n, name)
		if !ok {
			return
		}
		x, err := parse(s)
		if err != nil {
			p.complain(n, "%s: %s", name, err)
			return
		}
		*into = &x
	}
}
