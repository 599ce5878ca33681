package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"squall/sim"
	"squall/sim/measure"
)

// row is one figure of the scoreboard, for every variant.
type row struct {
	Name   string
	Help   string
	Term   string
	Brief  bool   // it is among those of the terminal's table
	Values []cell // in the order of the scenario's variants
	// Difference says how far the second variant is from the first; "" where
	// there are not two, or where it cannot be told. Interval says between what the
	// difference lies and how sure that is; "" without enough trials.
	Difference, Interval string
}

type cell struct {
	Text   string
	Better bool
	Bad    bool
}

// figure says how a row is computed.
type figure struct {
	name, help, term string
	value            func(*sim.VariantResult) float64
	text             func(float64) string
	// bound tells whether the figure is only a lower bound; nil: it never is.
	bound func(*sim.VariantResult) bool
	// better is -1 where less is better, 1 where more is, 0 where neither is.
	better int
	brief  bool // it is in the terminal's table, too
}

// seen is a figure of the probes: none where nothing was read.
func seen(of func(*sim.Visibility) float64) func(*sim.VariantResult) float64 {
	return func(v *sim.VariantResult) float64 {
		if p := v.Lag.Visibility; p != nil && p.Orders > 0 {
			return of(p)
		}
		return math.NaN()
	}
}

// atLeast tells whether a quantile of the convergence lag is a lower bound.
func atLeast(name string) func(*sim.VariantResult) bool {
	return func(v *sim.VariantResult) bool { return slices.Contains(v.Lag.Convergence.AtLeast, name) }
}

// unseen tells whether so many orders never showed their final state that the
// p99 of the visibility lag is a lower bound.
func unseen(v *sim.VariantResult) bool {
	return v.Lag.Visibility != nil && slices.Contains(v.Lag.Visibility.Lag.AtLeast, "p99")
}

// over is a figure of a distribution: none where nothing was measured.
func over(of func(*sim.VariantResult) (sim.Latency, float64)) func(*sim.VariantResult) float64 {
	return func(v *sim.VariantResult) float64 {
		if l, x := of(v); l.Count > 0 {
			return x
		}
		return math.NaN()
	}
}

// asked is a figure of the requests and what became of them: none where there
// was no request.
func asked(of func(*sim.VariantResult) float64) func(*sim.VariantResult) float64 {
	return func(v *sim.VariantResult) float64 {
		if wasAsked(v) {
			return of(v)
		}
		return math.NaN()
	}
}

// metered is a figure of what was used: none where nothing was read, or where no
// order was completed to divide by.
func metered(of func(*sim.VariantResult) float64) func(*sim.VariantResult) float64 {
	return func(v *sim.VariantResult) float64 {
		if x := of(v); x > 0 {
			return x
		}
		return math.NaN()
	}
}

// The figures that other parts of the report show, too.
var (
	acceptP99 = figure{name: "accept p99", help: "99th percentile of answer - intended", term: "accept", brief: true, text: ms, better: -1,
		value: over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Accept.Latency, v.Accept.P99 })}
	lagP99 = figure{name: "convergence lag p99", help: "99th percentile of last commit - the client's answer", term: "lag",
		brief: true, text: ms, bound: atLeast("p99"), better: -1,
		value: over(func(v *sim.VariantResult) (sim.Latency, float64) {
			return v.Lag.Convergence.Latency, v.Lag.Convergence.P99
		})}
)

var scoreboard = []figure{
	{name: "accept p50", help: "median of answer - intended", term: "accept", brief: true, text: ms, better: -1,
		value: over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Accept.Latency, v.Accept.P50 })},
	acceptP99,
	{name: "accept max", help: "the longest answer - intended", term: "accept", text: ms, better: -1,
		value: over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Accept.Latency, v.Accept.Max })},
	{name: "errors", help: "requests that failed, or whose effect nobody told", term: "errors", brief: true, text: percent, better: -1,
		value: asked(func(v *sim.VariantResult) float64 { return v.Accept.ErrorRate })},
	{name: "completed per second", help: "orders in a terminal state", term: "rates", brief: true, text: perSecond, better: 1,
		value: asked(func(v *sim.VariantResult) float64 { return v.Throughput.Completed })},
	{name: "complete p50", help: "median of terminal state committed - intended", term: "complete", text: ms, better: -1,
		value: over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Complete, v.Complete.P50 })},
	{name: "complete p99", help: "99th percentile of terminal state committed - intended", term: "complete",
		brief: true, text: ms, better: -1,
		value: over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Complete, v.Complete.P99 })},
	{name: "convergence lag p50", help: "median of last commit - the client's answer", term: "lag",
		text: ms, bound: atLeast("p50"), better: -1,
		value: over(func(v *sim.VariantResult) (sim.Latency, float64) {
			return v.Lag.Convergence.Latency, v.Lag.Convergence.P50
		})},
	lagP99,
	{name: "visibility lag p99", help: "until every read shows the final state", term: "visibility", text: ms, bound: unseen, better: -1,
		value: seen(func(v *sim.Visibility) float64 { return v.Lag.P99 })},
	{name: "never converged", help: "orders still half done when the trial ended", term: "censored", brief: true, text: whole, better: -1,
		value: asked(func(v *sim.VariantResult) float64 { return float64(v.Lag.Convergence.Censored) })},
	{name: "invariant violations", help: "lost, charged wrongly, oversold, ...: see the audit", term: "violations",
		brief: true, text: whole, better: -1,
		value: func(v *sim.VariantResult) float64 { return float64(v.Audit.Violations) }},
	{name: "CPU per completed order", help: "of all processes and servers", term: "cpu", brief: true, text: ms, better: -1,
		value: metered(func(v *sim.VariantResult) float64 { return v.Resources.CPUMSPerCompletion })},
	{name: "peak memory", help: "of all processes and servers", term: "memory", text: mebibytes, better: -1,
		value: metered(func(v *sim.VariantResult) float64 { return v.Resources.MaxRSSBytes })},
}

// rows computes the scoreboard. A figure is better when it is more than 5 %
// away from the other: less than that is noise in a single trial. With repeats,
// the interval of the difference must leave no doubt, too. Where a trial is in doubt,
// no figure is marked.
func rows(info sim.RunInfo, r *sim.Result) []row {
	var all []row
	for _, f := range scoreboard {
		line := row{Name: f.name, Help: f.help, Term: f.term, Brief: f.brief}
		var values []float64
		var variants []*sim.VariantResult
		for _, name := range info.Scenario.Variants {
			v := r.Variants[name]
			c, x := f.cell(v)
			line.Values = append(line.Values, c)
			if !math.IsNaN(x) {
				values, variants = append(values, x), append(variants, v)
			}
		}
		certain := !inDoubt(present(info, r))
		if len(values) == 2 && len(line.Values) == 2 {
			bound := strings.Contains(line.Values[0].Text+line.Values[1].Text, "≥")
			line.Difference = difference(values[0], values[1], bound)
			if !bound {
				text, sure := f.interval(variants[0], variants[1])
				line.Interval, certain = text, certain && sure
			}
		}
		if len(values) == len(line.Values) && len(values) > 1 && certain {
			mark(line.Values, values, f.better, 0.05)
		}
		all = append(all, line)
	}
	return all
}

// cell is a figure of a variant, and its text; NaN where there is none.
func (f figure) cell(v *sim.VariantResult) (cell, float64) {
	if v == nil {
		return cell{Text: "-"}, math.NaN()
	}
	x := f.value(v)
	if math.IsNaN(x) {
		return cell{Text: "-"}, x
	}
	text := f.text(x)
	if f.bound != nil && f.bound(v) {
		text = "≥ " + text
	}
	return cell{Text: text, Bad: f.name == "invariant violations" && x > 0}, x
}

// interval says between what the difference of two variants lies, by their
// trials, and whether its direction is certain. With fewer than four trials of
// each an interval cannot be certain: then certain is true, and only the 5 % of
// rows decide.
func (f figure) interval(a, b *sim.VariantResult) (text string, certain bool) {
	d := measure.Differ(f.samples(a), f.samples(b), 0.95)
	if d.Confidence == 0 || d.MedianA == 0 {
		return "", true
	}
	text = fmt.Sprintf("%.0f %% sure: %s to %s", 100*d.Confidence, change(d.Low/d.MedianA), change(d.High/d.MedianA))
	return text, d.Confidence < 0.95 || d.Low > 0 || d.High < 0
}

// samples are the figure's values in the trials of a variant.
func (f figure) samples(v *sim.VariantResult) (values []float64) {
	for _, t := range v.Trials {
		one := measure.Variant(v.Variant, []*sim.TrialResult{t})
		if x := f.value(one); !math.IsNaN(x) && !t.Doubtful {
			values = append(values, x)
		}
	}
	return values
}

// change is a change in words, from its share of the value before: 0.5 is +50 %.
func change(share float64) string {
	if share >= 1 {
		return fmt.Sprintf("× %.3g", 1+share)
	}
	return fmt.Sprintf("%+.0f %%", 100*share)
}

// difference says how far b is from a. It is "" when one of them is only a lower
// bound: then not even the direction of the difference is known.
func difference(a, b float64, bound bool) string {
	switch {
	case bound || a == 0 || b == 0:
		return ""
	case b > 1000*a:
		return "over × 1000"
	case a > 1000*b:
		return "over ÷ 1000"
	case b >= 2*a:
		return fmt.Sprintf("× %.3g", b/a)
	case a >= 2*b:
		return fmt.Sprintf("÷ %.3g", a/b)
	}
	return fmt.Sprintf("%+.0f %%", 100*(b/a-1))
}

// mark marks the best of several figures, if all others are further from it than a
// share of the larger one.
func mark(cells []cell, values []float64, better int, margin float64) {
	best := 0
	for i, v := range values {
		if (better < 0 && v < values[best]) || (better > 0 && v > values[best]) {
			best = i
		}
	}
	for i, v := range values {
		if i != best && math.Abs(v-values[best]) <= margin*max(math.Abs(v), math.Abs(values[best])) {
			return
		}
	}
	cells[best].Better = true
}
