package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

// liveFigures are those that can be had while a trial goes.
var liveFigures = regexp.MustCompile(`^(accept\.(ok|fail|info|error_rate|p50|p90|p99|p999|max|mean|count)|throughput\.(offered|accepted)|backlog\.peak)$`)

// conditions reads a list of conditions on a trial that is under way. Each is
// about one variant, since only one is there at a time.
func (p *scenarioReader) conditions(n ast.Node, key string) (texts []string) {
	for _, item := range p.list(n, key) {
		s, ok := p.text(item, key)
		if !ok {
			continue
		}
		if err := p.check(s); err != nil {
			p.complain(item, "%s: %s", key, err)
		}
		var about []string
		for _, path := range paths(s, p.catalog.Variants) {
			variant, figure, _ := strings.Cut(path, ".")
			if !slices.Contains(about, variant) {
				about = append(about, variant)
			}
			if !liveFigures.MatchString(figure) {
				p.complain(item, "%s: %s is not known while a trial goes; expected figures of accept, throughput.offered, throughput.accepted or backlog.peak", key, path)
			}
		}
		if len(about) != 1 {
			p.complain(item, "%s: %q is about %d variants, expected one", key, s, len(about))
		}
		texts = append(texts, s)
	}
	return texts
}

// Evaluate judges conditions by the figures of the one variant that they are about:
// pass where a condition holds, fail where it does not, unknown where it cannot
// be answered, as before the first request was.
func Evaluate(conditions []string, figures *sim.VariantResult) []sim.Expectation {
	var answers []sim.Expectation
	for _, text := range conditions {
		about := sim.Mentioned(text)
		e := sim.Expectation{Text: text, Verdict: sim.Unknown}
		if len(about) == 0 || figures.Accept.Count == 0 {
			e.Detail = "no request was answered in the time that it looks at"
			answers = append(answers, e)
			continue
		}
		r := &sim.Result{Variants: map[string]*sim.VariantResult{about[0]: figures}}
		answers = append(answers, holds(e, r))
	}
	return answers
}

func holds(e sim.Expectation, r *sim.Result) sim.Expectation {
	yes, err := evaluate(e.Text, r)
	env, envErr := environment(r)
	if err = errors.Join(err, envErr); err != nil {
		e.Detail = err.Error()
		return e
	}
	e.Verdict = sim.Fail
	if yes {
		e.Verdict = sim.Pass
	}
	var saw []string
	for _, p := range paths(e.Text, names(env)) {
		saw = append(saw, fmt.Sprintf("%s = %.4g", p, lookup(env, p)))
	}
	e.Detail = strings.Join(saw, ", ")
	return e
}
