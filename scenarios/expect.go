package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

func (p *scenarioReader) expectations(n ast.Node) {
	for _, item := range p.list(n, "expect") {
		s, ok := p.text(item, "expect")
		if !ok {
			continue
		}
		if err := p.check(s); err != nil {
			p.complain(item, "expect: %s", err)
		}
		p.sc.Expect = append(p.sc.Expect, s)
	}
}

// check tries an expectation on an empty result: that shows names that do not
// exist and answers that are not yes or no.
func (p *scenarioReader) check(text string) error {
	empty := &sim.Result{Variants: map[string]*sim.VariantResult{}}
	for _, v := range p.catalog.Variants {
		empty.Variants[v] = &sim.VariantResult{Variant: v}
	}
	_, err := evaluate(text, empty)
	return err
}

var (
	durationLiteral = regexp.MustCompile(`\b(\d+(?:\.\d+)?)(us|ms|s|m)\b`)
	percentLiteral  = regexp.MustCompile(`\b(\d+(?:\.\d+)?)%`)
	rateLiteral     = regexp.MustCompile(`\b(\d+(?:\.\d+)?)/(s|m)\b`)
	unitSuffix      = regexp.MustCompile(`_(ms|per_s)$`)
)

// literals replaces 50ms, 5% and 100/s by plain numbers in the units that an
// expectation sees: milliseconds, shares, per second.
func literals(text string) string {
	text = rateLiteral.ReplaceAllStringFunc(text, func(s string) string {
		v, _ := parseRate(s) // its form has been matched
		return number(v)
	})
	text = percentLiteral.ReplaceAllStringFunc(text, func(s string) string {
		v, _ := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
		return number(v / 100)
	})
	return durationLiteral.ReplaceAllStringFunc(text, func(s string) string {
		d, _ := time.ParseDuration(s)
		return number(float64(d) / 1e6)
	})
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// environment is the result as an expectation sees it: result.json's variants
// by name, their figures without the unit at the end of the name.
func environment(r *sim.Result) (map[string]any, error) { return bounded(r, false) }

// bounded is environment with the figures that are only lower bounds put at
// their upper end, which is infinite, if highest is set.
func bounded(r *sim.Result, highest bool) (map[string]any, error) {
	b, err := json.Marshal(r.Variants)
	if err != nil {
		return nil, err
	}
	var env map[string]any
	if err := json.Unmarshal(b, &env); err != nil {
		return nil, err
	}
	return plain(env, highest).(map[string]any), nil
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

// errBound says that an answer hangs on figures that are only lower bounds.
var errBound = errors.New("so many orders never converged that the figure is only a lower bound")

// evaluate answers an expectation. Where figures are lower bounds it must hold,
// or not, at both ends of what they can be; else the error is errBound.
func evaluate(text string, r *sim.Result) (bool, error) {
	low, err := environment(r)
	if err != nil {
		return false, err
	}
	high, err := bounded(r, true)
	if err != nil {
		return false, err
	}
	yes, err := answer(text, low)
	if err != nil {
		return false, err
	}
	if other, err := answer(text, high); err != nil || other != yes {
		return false, errors.Join(err, errBound)
	}
	return yes, nil
}

func answer(text string, env map[string]any) (bool, error) {
	program, err := expr.Compile(literals(text), expr.Env(env))
	if err != nil {
		return false, fmt.Errorf("%q: %s", text, firstLine(err))
	}
	for _, path := range paths(text, names(env)) {
		if lookup(env, path) == nil {
			return false, fmt.Errorf("%q: there is no figure %s", text, path)
		}
	}
	result, err := expr.Run(program, env)
	if err != nil {
		return false, fmt.Errorf("%q: %s", text, firstLine(err))
	}
	yes, ok := result.(bool)
	if !ok {
		return false, fmt.Errorf("%q: it is neither true nor false, expected a comparison such as %s < 50", text, strings.TrimSpace(text))
	}
	return yes, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func names(env map[string]any) (all []string) {
	for k := range env {
		all = append(all, k)
	}
	return all
}

// paths returns the figures that an expectation mentions.
func paths(text string, variants []string) []string {
	var found []string
	for _, p := range regexp.MustCompile(`\b[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+`).FindAllString(text, -1) {
		first, _, _ := strings.Cut(p, ".")
		if slices.Contains(variants, first) && !slices.Contains(found, p) {
			found = append(found, p)
		}
	}
	return found
}

func lookup(env map[string]any, path string) any {
	var at any = env
	for _, key := range strings.Split(path, ".") {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[key]
	}
	return at
}

// Expect judges the expectations of a run. Where a trial's figures are in
// doubt the answer is unknown, except that an audit which found violations
// stays a failure: those are seen, not measured. A scenario without
// expectations expects that no invariant was violated.
func Expect(sc sim.Scenario, r *sim.Result) []sim.Expectation {
	texts := sc.Expect
	if len(texts) == 0 {
		for _, v := range sc.Variants {
			texts = append(texts, v+".audit.violations == 0")
		}
	}
	results := []sim.Expectation{}
	for _, text := range texts {
		if !concerns(text, sc.Variants, r) {
			continue
		}
		results = append(results, expect(text, r))
	}
	return results
}

// concerns reports whether all variants that an expectation mentions are run:
// with --variant some may not be.
func concerns(text string, run []string, r *sim.Result) bool {
	for _, variant := range sim.Mentioned(text) {
		if !slices.Contains(run, variant) && r.Variants[variant] == nil {
			return false
		}
	}
	return true
}

func expect(text string, r *sim.Result) sim.Expectation {
	e := sim.Expectation{Text: text, Verdict: sim.Unknown}
	for _, variant := range sim.Mentioned(text) {
		if r.Variants[variant] == nil {
			e.Detail = "there is no trial of " + variant
			return e
		}
	}
	yes, unsure := evaluate(text, r)
	if unsure != nil && !errors.Is(unsure, errBound) {
		e.Detail = unsure.Error()
		return e
	}
	env, err := environment(r)
	if err != nil {
		e.Detail = err.Error()
		return e
	}
	doubt, measured := "", false
	var saw []string
	for _, p := range paths(text, names(env)) {
		variant, rest, _ := strings.Cut(p, ".")
		measured = measured || !strings.HasPrefix(rest, "audit.")
		if doubtful(r.Variants[variant]) {
			doubt = variant
		}
		value := fmt.Sprint(lookup(env, p))
		if f, ok := lookup(env, p).(float64); ok {
			value = strconv.FormatFloat(f, 'g', 4, 64)
		}
		saw = append(saw, p+" = "+value)
	}
	e.Detail = strings.Join(saw, ", ")
	switch {
	case unsure != nil:
		e.Detail += "; " + unsure.Error()
	case doubt != "" && (yes || measured):
		e.Detail += "; the figures of " + doubt + " are in doubt"
	case yes:
		e.Verdict = sim.Pass
	default:
		e.Verdict = sim.Fail
	}
	return e
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
