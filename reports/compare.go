package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"squall/sim"
)

// row is one figure of the scoreboard, for every variant.
type row struct {
	Name   string
	Help   string
	Values []cell // in the order of the scenario's variants
	// Difference says how far the second variant is from the first; "" where
	// there are not two, or no telling.
	Difference string
}

type cell struct {
	Text   string
	Better bool
	Bad    bool
}

// figure is how a row is computed.
type figure struct {
	name, help string
	value      func(*sim.VariantResult) float64
	text       func(float64) string
	// bound tells whether the figure is only a lower bound; nil: it never is.
	bound func(*sim.VariantResult) bool
	// better is -1 where less is better, 1 where more is, 0 where neither is.
	better int
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

var scoreboard = []figure{
	{"accept p50", "median of answer - intended send time, over all requests", over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Accept.Latency, v.Accept.P50 }), ms, nil, -1},
	{"accept p99", "99th percentile of answer - intended send time", over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Accept.Latency, v.Accept.P99 }), ms, nil, -1},
	{"accept max", "the longest answer - intended send time", over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Accept.Latency, v.Accept.Max }), ms, nil, -1},
	{"errors", "share of requests that failed (fail) or whose effect nobody told (info)", func(v *sim.VariantResult) float64 { return v.Accept.ErrorRate }, percent, nil, -1},
	{"completed per second", "orders in a terminal state, by when they were due", func(v *sim.VariantResult) float64 { return v.Throughput.Completed }, perSecond, nil, 1},
	{"complete p50", "median of terminal state committed - intended send time", over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Complete, v.Complete.P50 }), ms, nil, -1},
	{"complete p99", "99th percentile of terminal state committed - intended send time", over(func(v *sim.VariantResult) (sim.Latency, float64) { return v.Complete, v.Complete.P99 }), ms, nil, -1},
	{"convergence lag p50", "median of last commit for the order - the client's answer", over(func(v *sim.VariantResult) (sim.Latency, float64) {
		return v.Lag.Convergence.Latency, v.Lag.Convergence.P50
	}), ms, atLeast("p50"), -1},
	{"convergence lag p99", "99th percentile of last commit for the order - the client's answer", over(func(v *sim.VariantResult) (sim.Latency, float64) {
		return v.Lag.Convergence.Latency, v.Lag.Convergence.P99
	}), ms, atLeast("p99"), -1},
	{"visibility lag p99", "99th percentile of the time from the client's answer until every read of a sampled order shows its final state", seen(func(v *sim.Visibility) float64 { return v.Lag.P99 }), ms, unseen, -1},
	{"never converged", "orders that were still half done when the trial ended (censored)", func(v *sim.VariantResult) float64 { return float64(v.Lag.Convergence.Censored) }, whole, nil, -1},
	{"invariant violations", "orders lost, charged wrongly, oversold, ...: see the audit", func(v *sim.VariantResult) float64 { return float64(v.Audit.Violations) }, whole, nil, -1},
	{"CPU per completed order", "CPU time of all processes and servers, by order", func(v *sim.VariantResult) float64 { return v.Resources.CPUMSPerCompletion }, ms, nil, -1},
	{"peak memory", "sum of the largest resident sizes of processes and servers", func(v *sim.VariantResult) float64 { return v.Resources.MaxRSSBytes }, mebibytes, nil, -1},
}

// rows computes the scoreboard. A figure is better when it is more than 5 %
// away from the other: less than that is noise in a single trial.
func rows(info sim.RunInfo, r *sim.Result) []row {
	var all []row
	for _, f := range scoreboard {
		line := row{Name: f.name, Help: f.help}
		var values []float64
		for _, name := range info.Scenario.Variants {
			v := r.Variants[name]
			if v == nil {
				line.Values = append(line.Values, cell{Text: "-"})
				continue
			}
			x := f.value(v)
			if math.IsNaN(x) {
				line.Values = append(line.Values, cell{Text: "-"})
				continue
			}
			values = append(values, x)
			text := f.text(x)
			if f.bound != nil && f.bound(v) {
				text = "≥ " + text
			}
			line.Values = append(line.Values, cell{Text: text, Bad: f.name == "invariant violations" && x > 0})
		}
		if len(values) == len(line.Values) && len(values) > 1 && f.better != 0 {
			mark(line.Values, values, f.better)
		}
		if len(values) == 2 && len(line.Values) == 2 {
			line.Difference = difference(values[0], values[1], strings.Contains(line.Values[0].Text+line.Values[1].Text, "≥"))
		}
		all = append(all, line)
	}
	return all
}

// difference says how far b is from a. A bound makes it a bound, too, of which
// nobody can say the direction: then there is no telling.
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

func mark(cells []cell, values []float64, better int) {
	best := 0
	for i, v := range values {
		if (better < 0 && v < values[best]) || (better > 0 && v > values[best]) {
			best = i
		}
	}
	for i, v := range values {
		if i != best && abs(v-values[best]) <= 0.05*max(abs(v), abs(values[best])) {
			return
		}
	}
	cells[best].Better = true
}

func abs(v float64) float64 { return max(v, -v) }

func ms(v float64) string {
	switch {
	case v == 0:
		return "0 ms"
	case v < 10:
		return fmt.Sprintf("%.2f ms", v)
	case v < 100:
		return fmt.Sprintf("%.1f ms", v)
	case v < 10_000:
		return fmt.Sprintf("%.0f ms", v)
	}
	return fmt.Sprintf("%.1f s", v/1000)
}
func percent(v float64) string {
	if v > 0 && v < 0.001 {
		return fmt.Sprintf("%.3f %%", v*100)
	}
	return fmt.Sprintf("%.2f %%", v*100)
}
func perSecond(v float64) string { return fmt.Sprintf("%.1f /s", v) }
func whole(v float64) string     { return fmt.Sprintf("%.0f", v) }
func mebibytes(v float64) string { return fmt.Sprintf("%.0f MiB", v/(1<<20)) }

// sentence is the verdict in words.
func sentence(info sim.RunInfo, r *sim.Result) string {
	var parts []string
	for _, name := range info.Scenario.Variants {
		v := r.Variants[name]
		if v == nil {
			continue
		}
		s := fmt.Sprintf("%s accepted %s of orders at %s p99", name, percent(1-v.Accept.ErrorRate), ms(v.Accept.P99))
		if n := v.Lag.Convergence.Censored; n > 0 {
			s += fmt.Sprintf(", left %d orders half done", n)
		} else if v.Lag.Convergence.Count > 0 {
			s += fmt.Sprintf(", consistent after %s at p99", ms(v.Lag.Convergence.P99))
		}
		switch {
		case v.Audit.Violations > 0:
			s += fmt.Sprintf(", with %d invariant violations", v.Audit.Violations)
		case v.Audit.Verdict == sim.Pass:
			s += ", with nothing lost, charged twice or oversold"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ") + "."
}

// heading says how the run ended.
func heading(v sim.Verdict) string {
	switch v {
	case sim.Pass:
		return "Pass"
	case sim.Fail:
		return "Fail"
	}
	return "Unknown"
}
