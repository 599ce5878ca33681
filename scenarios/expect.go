package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

func (p *scenarioReader) expectations(n ast.Node) {
	for _, item := range p.list(n, "expect") {
		s, ok := p.text(item, "expect")
		if !ok {
			continue
		}
		if _, err := p.expression(s); err != nil {
			p.complain(item, "expect: %s", err)
		}
		p.sc.Expect = append(p.sc.Expect, s)
	}
}

// expression reads an expression and tries it on an empty result: that shows
// names that do not exist and answers that are not yes or no.
func (p *scenarioReader) expression(text string) (Expression, error) {
	e, err := ParseExpression(text, p.catalog.Variants)
	if err != nil {
		return e, err
	}
	empty := map[string]*sim.VariantResult{}
	for _, v := range e.Variants {
		empty[v] = &sim.VariantResult{Variant: v}
	}
	f, err := figuresOf(empty)
	if err != nil {
		return e, err
	}
	_, err = f.answer(e)
	return e, err
}

var unitSuffix = regexp.MustCompile(`_(ms|per_s)$`)

// figures are those of a result as an expectation sees them: result.json's
// variants by name, their figures without the unit at the end of the name. In
// high, those that are only lower bounds are at their upper end, which is
// infinite.
type figures struct{ low, high map[string]map[string]any }

func figuresOf(variants map[string]*sim.VariantResult) (figures, error) {
	low, err := bounded(variants, false)
	if err != nil {
		return figures{}, err
	}
	high, err := bounded(variants, true)
	return figures{low, high}, err
}

func bounded(variants map[string]*sim.VariantResult, highest bool) (map[string]map[string]any, error) {
	b, err := json.Marshal(variants)
	if err != nil {
		return nil, fmt.Errorf("figures of the variants: %w", err)
	}
	var env map[string]map[string]any
	if err := json.Unmarshal(b, &env); err != nil {
		return nil, fmt.Errorf("figures of the variants: %w", err)
	}
	for v := range env {
		env[v] = plain(env[v], highest).(map[string]any)
	}
	return env, nil
}

func plain(v any, highest bool) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for k, e := range m {
		out[unitSuffix.ReplaceAllString(k, "")] = plain(e, highest)
	}
	if bounds, ok := m["at_least"].([]any); ok && highest {
		for _, figure := range bounds {
			out[fmt.Sprint(figure)] = math.Inf(1)
		}
	}
	return out
}

// errBound says that an answer depends on figures that are only lower bounds.
var errBound = errors.New("so many orders never converged that the figure is only a lower bound")

// answer answers an expression. Where figures are lower bounds it must hold, or
// not, at both ends of what they can be; else the error is errBound.
func (f figures) answer(e Expression) (bool, error) {
	yes, err := e.answer(f.low)
	if err != nil {
		return false, err
	}
	if other, err := e.answer(f.high); err != nil || other != yes {
		return false, errors.Join(err, errBound)
	}
	return yes, nil
}

// seen lists the figures of an expression with their values.
func (f figures) seen(e Expression) string {
	var saw []string
	for _, p := range e.Figures {
		if p.Name == "" {
			continue // all of a variant is too much to show
		}
		value := fmt.Sprint(lookup(f.low, p))
		if x, ok := lookup(f.low, p).(float64); ok {
			value = strconv.FormatFloat(x, 'g', 4, 64)
		}
		saw = append(saw, fmt.Sprintf("%s = %s", p, value))
	}
	return strings.Join(saw, ", ")
}

// Expect judges the expectations of a run. Where a trial's figures are in
// doubt the answer is unknown, except that an audit which found violations
// stays a failure: those are seen, not measured. A scenario without
// expectations expects that no invariant was violated. known are the variants
// that there are, run or not: LeftOut has the expectations that concern one of
// them that was not run, and are not judged.
func Expect(sc sim.Scenario, r *sim.Result, known []string) []sim.Expectation {
	texts := sc.Expect
	if len(texts) == 0 {
		for _, v := range sc.Variants {
			texts = append(texts, v+".audit.violations == 0")
		}
	}
	known = union(known, sc.Variants, slices.Sorted(maps.Keys(r.Variants)))
	f, err := figuresOf(r.Variants)
	results := []sim.Expectation{}
	for _, text := range texts {
		e, parseErr := ParseExpression(text, known)
		switch err := errors.Join(parseErr, err); {
		case err != nil:
			results = append(results, sim.Expectation{Text: text, Verdict: sim.Unknown, Detail: err.Error()})
		case len(notRun(e, sc.Variants, r.Variants)) == 0:
			results = append(results, expect(e, r, f))
		}
	}
	return results
}

// LeftOut returns the expectations of a scenario that will not be judged, each
// with the variants that it concerns and that are not run: --variant can name
// fewer than the scenario does. known are the variants that there are.
func LeftOut(sc sim.Scenario, known []string) (left []Unjudged) {
	for _, text := range sc.Expect {
		e, err := ParseExpression(text, union(known, sc.Variants))
		if missing := notRun(e, sc.Variants, nil); err == nil && len(missing) > 0 {
			left = append(left, Unjudged{text, missing})
		}
	}
	return left
}

// union returns the names of all lists, each once.
func union(lists ...[]string) (all []string) {
	for _, name := range slices.Concat(lists...) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// Unjudged is an expectation that is left out of a run, and the variants that
// are missing.
type Unjudged struct {
	Text    string
	Missing []string
}

// notRun returns the variants of an expression that are not to be run and have
// no result.
func notRun(e Expression, run []string, results map[string]*sim.VariantResult) (missing []string) {
	for _, v := range e.Variants {
		if !slices.Contains(run, v) && results[v] == nil {
			missing = append(missing, v)
		}
	}
	return missing
}

// Audited returns the variants whose audit any of a result's expectations is
// about.
func Audited(r *sim.Result, known []string) (variants []string) {
	known = union(known, slices.Sorted(maps.Keys(r.Variants)))
	for _, expectation := range r.Expect {
		e, err := ParseExpression(expectation.Text, known)
		if err != nil {
			continue // it was judged unknown
		}
		for _, p := range e.Figures {
			if strings.HasPrefix(p.Name, "audit.") && !slices.Contains(variants, p.Variant) {
				variants = append(variants, p.Variant)
			}
		}
	}
	return variants
}

func expect(e Expression, r *sim.Result, f figures) sim.Expectation {
	answer := sim.Expectation{Text: e.Text, Verdict: sim.Unknown}
	doubt := ""
	for _, v := range e.Variants {
		if r.Variants[v] == nil {
			answer.Detail = "there is no trial of " + v
			return answer
		}
		if doubtful(r.Variants[v]) {
			doubt = v
		}
	}
	yes, unsure := f.answer(e)
	if unsure != nil && !errors.Is(unsure, errBound) {
		answer.Detail = unsure.Error()
		return answer
	}
	measured := slices.ContainsFunc(e.Figures, func(p Path) bool { return !strings.HasPrefix(p.Name, "audit.") })
	answer.Detail = f.seen(e)
	switch {
	case unsure != nil:
		answer.Detail += "; " + unsure.Error()
	case doubt != "" && (yes || measured):
		answer.Detail += "; the figures of " + doubt + " are in doubt"
	case yes:
		answer.Verdict = sim.Pass
	default:
		answer.Verdict = sim.Fail
	}
	return answer
}

// doubtful reports whether any trial of a variant could not be trusted.
func doubtful(v *sim.VariantResult) bool {
	if v == nil || len(v.Trials) == 0 {
		return true
	}
	for _, t := range v.Trials {
		if t.Doubtful {
			return true
		}
	}
	return false
}
