package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"squall/sim"
	"squall/sim/gate"
	"squall/sim/measure"
)

// Bench renders a run in the Go benchmark format, which benchstat reads: one line
// for each trial, so that repeats are samples. A trial whose figures are in doubt
// is left out, because it would falsify the averages; a comment says so.
func Bench(info sim.RunInfo, r *sim.Result) string {
	var b strings.Builder
	benchHead(&b, info.Machine, info.Backing.Name, info.Backing.Servers, info.Digest)
	for _, v := range present(info, r) {
		for _, t := range v.Trials {
			if t.Doubtful {
				fmt.Fprintf(&b, "# %s is left out: %s\n", t.Trial, oneLine(t.Reasons.String()))
				continue
			}
			benchLine(&b, r.Scenario, v.Variant, info.Machine.CPUs, func(f sim.Figure) sim.Reading { return f.Read(t.Measured()) })
		}
	}
	return b.String()
}

// BenchBaseline renders a baseline in the same format, one line for each of its
// trials.
func BenchBaseline(base gate.Baseline) string {
	var b strings.Builder
	benchHead(&b, base.Machine, base.Backing, base.Servers, base.Digest)
	for _, variant := range slices.Sorted(maps.Keys(base.Variants)) {
		s := base.Variants[variant]
		for _, why := range s.LeftOut {
			fmt.Fprintf(&b, "# left out: %s\n", oneLine(why))
		}
		for i := range s.Trials {
			benchLine(&b, base.Scenario, variant, base.Machine.CPUs, func(f sim.Figure) sim.Reading {
				if i < len(s.Figures[f.Unit]) {
					return sim.Exactly(s.Figures[f.Unit][i])
				}
				return sim.Reading{Bound: sim.NotMeasured}
			})
		}
	}
	return b.String()
}

// benchHead writes the configuration lines, which hold for all lines below, and
// says of each unit which direction is better.
func benchHead(b *strings.Builder, m sim.Machine, backing string, servers map[string]string, schedule string) {
	fmt.Fprintf(b, "goos: %s\ngoarch: %s\n", m.OS, m.Arch)
	if m.CPU != "" {
		fmt.Fprintf(b, "cpu: %s\n", oneLine(m.CPU))
	}
	fmt.Fprintf(b, "pkg: squall\nbacking: %s\nservers: %s; %s\nschedule: %.16s\n",
		backing, oneLine(servers["broker"]), oneLine(servers["database"]), schedule)
	for _, f := range measure.Kept() {
		better := "lower"
		if f.Better == sim.MoreIsBetter {
			better = "higher"
		}
		fmt.Fprintf(b, "Unit %s better=%s\n", f.Unit, better)
	}
}

// benchLine writes a trial: every figure that it has, with its unit. One that is
// only a lower bound is no sample.
func benchLine(b *strings.Builder, scenario, variant string, cpus int, read func(sim.Figure) sim.Reading) {
	fmt.Fprintf(b, "BenchmarkSquall/scenario=%s/variant=%s-%d 1", benchName(scenario), benchName(variant), max(1, cpus))
	for _, f := range measure.Kept() {
		if r := read(f); r.Bound == sim.Exact {
			fmt.Fprintf(b, " %.6g %s", r.Value, f.Unit)
		}
	}
	b.WriteString("\n")
}

// oneLine is text without line breaks, which would begin another line of the
// format.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// benchName is a name without the characters that divide a benchmark's name into
// parts.
func benchName(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == '/' || r == '=' {
			return '_'
		}
		return r
	}, s)
}
