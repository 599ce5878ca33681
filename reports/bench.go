package reports

import (
	"fmt"
	"math"
	"strings"

	"squall/sim"
)

// benchFigure is a figure of a trial as the Go benchmark format has it.
type benchFigure struct {
	unit   string
	higher bool // more is better
	value  func(*sim.TrialResult) float64
}

// benchFigures are the figures that a comparison is about. A figure that is only
// a lower bound is left out: it is no sample.
var benchFigures = []benchFigure{
	{"accept-p50-ms", false, func(t *sim.TrialResult) float64 { return measured(t.Accept.Latency, t.Accept.P50) }},
	{"accept-p99-ms", false, func(t *sim.TrialResult) float64 { return measured(t.Accept.Latency, t.Accept.P99) }},
	{"complete-p50-ms", false, func(t *sim.TrialResult) float64 { return measured(t.Complete, t.Complete.P50) }},
	{"complete-p99-ms", false, func(t *sim.TrialResult) float64 { return measured(t.Complete, t.Complete.P99) }},
	{"lag-p50-ms", false, func(t *sim.TrialResult) float64 { return bounded(t.Lag.Convergence, "p50", t.Lag.Convergence.P50) }},
	{"lag-p99-ms", false, func(t *sim.TrialResult) float64 { return bounded(t.Lag.Convergence, "p99", t.Lag.Convergence.P99) }},
	{"completed/s", true, func(t *sim.TrialResult) float64 { return t.Rates.Completed }},
	{"error-rate", false, func(t *sim.TrialResult) float64 { return t.Accept.ErrorRate }},
	{"cpu-ms/order", false, func(t *sim.TrialResult) float64 { return t.Use.CPUMSPerCompletion }},
	{"violations", false, func(t *sim.TrialResult) float64 { return float64(t.Audit.Violations) }},
}

func measured(l sim.Latency, v float64) float64 {
	if l.Count == 0 {
		return math.NaN()
	}
	return v
}

func bounded(c sim.Convergence, name string, v float64) float64 {
	for _, bound := range c.AtLeast {
		if bound == name {
			return math.NaN()
		}
	}
	return measured(c.Latency, v)
}

// Bench renders a run in the Go benchmark format, which benchstat reads: one
// line a trial, so that repeats are samples. A trial whose figures are in doubt
// is left out, with a comment that says so: it must not be averaged in.
func Bench(info sim.RunInfo, r *sim.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\n", info.Machine.OS, info.Machine.Arch)
	if info.Machine.CPU != "" {
		fmt.Fprintf(&b, "cpu: %s\n", oneLine(info.Machine.CPU))
	}
	fmt.Fprintf(&b, "pkg: squall\nbacking: %s\nservers: %s; %s\nschedule: %.16s\n", info.Backing.Name,
		oneLine(info.Backing.Servers["broker"]), oneLine(info.Backing.Servers["database"]), info.Digest)
	for _, f := range benchFigures {
		better := "lower"
		if f.higher {
			better = "higher"
		}
		fmt.Fprintf(&b, "Unit %s better=%s\n", f.unit, better)
	}
	for _, name := range info.Scenario.Variants {
		v := r.Variants[name]
		if v == nil {
			continue
		}
		for _, t := range v.Trials {
			if t.Doubtful {
				fmt.Fprintf(&b, "# %s is left out: %s\n", t.Trial, oneLine(strings.Join(t.Reasons, "; ")))
				continue
			}
			fmt.Fprintf(&b, "BenchmarkSquall/scenario=%s/variant=%s-%d 1", benchName(r.Scenario), benchName(name), max(1, info.Machine.CPUs))
			for _, f := range benchFigures {
				if value := f.value(t); !math.IsNaN(value) {
					fmt.Fprintf(&b, " %.6g %s", value, f.unit)
				}
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// oneLine keeps text from being more than one line of the format.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// benchName keeps a name from being more than one part of a benchmark's name.
func benchName(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == '/' || r == '=' {
			return '_'
		}
		return r
	}, s)
}
