package scenarios

import (
	"github.com/goccy/go-yaml/ast"

	"squall/sim"
	"squall/sim/measure"
)

// conditions reads a list of conditions on a trial that is under way. Each is
// about one variant, since only one is there at a time.
func (p *scenarioReader) conditions(n ast.Node, key string) (texts []string) {
	for _, item := range p.list(n, key) {
		s, ok := p.text(item, key)
		if !ok {
			continue
		}
		e, err := p.expression(s)
		texts = append(texts, s)
		if err != nil {
			p.complain(item, "%s: %s", key, err)
			continue
		}
		for _, path := range e.Figures {
			if !measure.IsLive(path.Name) {
				p.complain(item, "%s: %s is not known while a trial goes; "+
					"expected figures of accept, throughput.offered, throughput.accepted or backlog.peak", key, path)
			}
		}
		if len(e.Variants) != 1 {
			p.complain(item, "%s: %q is about %d variants, expected one", key, s, len(e.Variants))
		}
	}
	return texts
}

// Conditions judges the conditions of scenarios while a trial goes.
type Conditions struct{ variants []string }

// NewConditions returns what judges conditions about these variants.
func NewConditions(variants []string) Conditions { return Conditions{variants} }

// About returns the variants that a condition is about.
func (c Conditions) About(condition string) []string {
	e, err := ParseExpression(condition, c.variants)
	if err != nil { // the scenario would have been refused
		return nil
	}
	return e.Variants
}

// Evaluate judges conditions by the figures of the one variant that they are about:
// pass where a condition holds, fail where it does not, unknown where it cannot
// be answered, as before the first request was.
func (c Conditions) Evaluate(conditions []string, measured *sim.VariantResult) []sim.Expectation {
	var answers []sim.Expectation
	for _, text := range conditions {
		answers = append(answers, c.evaluate(text, measured))
	}
	return answers
}

func (c Conditions) evaluate(text string, measured *sim.VariantResult) sim.Expectation {
	answer := sim.Expectation{Text: text, Verdict: sim.Unknown}
	e, err := ParseExpression(text, c.variants)
	switch {
	case err != nil:
		answer.Detail = err.Error()
		return answer
	case len(e.Variants) != 1 || measured.Accept.Count == 0:
		answer.Detail = "no request was answered in the time that it looks at"
		return answer
	}
	f, err := figuresOf(map[string]*sim.VariantResult{e.Variants[0]: measured})
	if err != nil {
		answer.Detail = err.Error()
		return answer
	}
	yes, err := f.answer(e)
	switch {
	case err != nil:
		answer.Detail = err.Error()
		return answer
	case yes:
		answer.Verdict = sim.Pass
	default:
		answer.Verdict = sim.Fail
	}
	answer.Detail = f.seen(e)
	return answer
}
