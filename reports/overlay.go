package reports

import (
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"math"
	"slices"
	"strings"

	"squall/sim"
)

//go:embed overlay.html
var overlayPage string

// overlayData is all that the page of several runs shows.
type overlayData struct {
	Scenario string
	Runs     []overlayRun
	Settings []setting // that differ
	Variants []overlayVariant
	Charts   chartData
	Glossary []term
	assets
}

// overlayRun is one of the runs, under the letter by which the page calls it.
type overlayRun struct {
	IndexEntry
	Letter, Colour string
	Verdict        sim.Verdict
}

// setting is something that is not the same in all runs.
type setting struct {
	Name   string
	Values []string // by run
}

type overlayVariant struct {
	Name    string
	Rows    []overlayRow
	Figures []figureData
}

// overlayRow is a figure of one variant in every run.
type overlayRow struct {
	Name, Term string
	Values     []string
	Difference string // of the last from the first
	Trend      template.HTML
}

// Overlay renders a page that lays several runs of one scenario over each other,
// the earliest first. Runs of different scenarios are an error, and so is a run
// that was never judged. There must be at least one entry.
func Overlay(entries []IndexEntry) ([]byte, error) {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b IndexEntry) int { return a.Info.Started.Compare(b.Info.Started) })
	d := overlayData{Scenario: entries[0].Info.Scenario.Name, Glossary: glossary}
	for i, e := range entries {
		if e.Result == nil {
			return nil, fmt.Errorf("%s was never judged: squall check %[1]s", e.Folder)
		}
		if e.Info.Scenario.Name != d.Scenario {
			return nil, fmt.Errorf("%s is a run of %s, and %s of %s: only runs of one scenario can be laid over each other",
				entries[0].Folder, d.Scenario, e.Folder, e.Info.Scenario.Name)
		}
		d.Runs = append(d.Runs, overlayRun{e, letter(i), fmt.Sprintf("p%d", i%paletteSize), e.Result.Verdict})
	}
	d.Settings = settings(d.Runs)
	d.draw()
	var err error
	if d.assets, err = readAssets(); err != nil {
		return nil, err
	}
	return render(overlayPage, d)
}

// letter is A, B, ..., Z, A1, B1, ...
func letter(i int) string {
	l := string(rune('A' + i%26))
	if i >= 26 {
		l += fmt.Sprint(i / 26)
	}
	return l
}

func (d *overlayData) draw() {
	seconds := 0
	var names []string
	for _, run := range d.Runs {
		for _, v := range present(run.Info, run.Result) {
			seconds = max(seconds, len(v.Trials[0].Series.Offered))
			if !slices.Contains(names, v.Variant) {
				names = append(names, v.Variant)
			}
		}
	}
	last := d.Runs[len(d.Runs)-1]
	d.Charts.Phases, d.Charts.Faults = phases(last.Info.Scenario.Load), faultBands(last.Info.Scenario, present(last.Info, last.Result))
	for _, name := range names {
		var sources []source
		for _, run := range d.Runs {
			if v := run.Result.Variants[name]; v != nil {
				s := source{name: run.Letter, colour: run.Colour}
				s.series, d.Charts.Seconds = thinned(v.Trials[0].Series, seconds)
				sources = append(sources, s)
			}
		}
		d.Variants = append(d.Variants, overlayVariant{name, overlayRows(d.Runs, name), d.Charts.figures(overlayCharts(name, sources))})
	}
}

// overlayCharts are the charts in which runs of one variant are told apart.
func overlayCharts(variant string, sources []source) []chart {
	one := func(c chart, values func(sim.Series) []*float64) chart {
		c.ID, c.Title = c.ID+"-"+variant, variant+": "+c.Title
		return overTime(c, sources, lineOf{"", false, values})
	}
	groups := drawable(group{variant, []chart{
		one(chart{ID: "accept", Title: "accept p99", Unit: "ms", Term: "accept", Log: true, Note: "by the second in which the request was due"},
			func(s sim.Series) []*float64 { return s.AcceptP99 }),
		one(chart{ID: "completed", Title: "completed", Unit: "/s", Term: "rates", Note: "by when it happened"},
			func(s sim.Series) []*float64 { return pointers(s.Completed) }),
		one(chart{ID: "lag", Title: "convergence lag p99", Unit: "ms", Term: "lag", Log: true, Note: "by the second of the answer"},
			func(s sim.Series) []*float64 { return s.LagP99 }),
		one(chart{ID: "backlog", Title: "backlog", Term: "backlog", Note: "orders and messages on their way"},
			func(s sim.Series) []*float64 { return pointers(s.Backlog["total"]) }),
		one(chart{ID: "failed", Title: "failed", Unit: "/s", Term: "errors", Note: "fail and info answers, by when they came"},
			func(s sim.Series) []*float64 { return pointers(s.Failed) }),
		one(chart{ID: "cpu", Title: "CPU", Unit: "cores", Term: "cpu", Note: "in use by the processes and servers under test"},
			total(cpuOf, 1)),
	}})
	if len(groups) == 0 {
		return nil
	}
	return groups[0].Charts
}

func overlayRows(runs []overlayRun, variant string) (all []overlayRow) {
	for _, f := range scoreboard() {
		line := overlayRow{Name: f.Heading(), Term: f.Term}
		var values []float64 // NaN where nothing was measured
		bound := false
		for _, run := range runs {
			c, x := f.cell(run.Result.Variants[variant])
			if x.Bound == sim.NotMeasured {
				x.Value = math.NaN()
			}
			line.Values, values = append(line.Values, c.Text), append(values, x.Value)
			bound = bound || x.Bound == sim.AtLeast
		}
		if first, last := values[0], values[len(values)-1]; !math.IsNaN(first) && !math.IsNaN(last) {
			line.Difference = difference(first, last, bound)
		}
		line.Trend = sparkline(f.Heading(), values)
		all = append(all, line)
	}
	return all
}

// sparkline is a small picture of a figure from run to run.
func sparkline(name string, values []float64) template.HTML {
	const width, height, margin = 90, 20, 3
	known := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(known) < 2 {
		return ""
	}
	x := axis{from: 0, to: float64(len(values) - 1), low: margin, high: width - margin}
	y := axis{from: 0, to: max(slices.Max(known), 1e-9), low: height - margin, high: margin}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" aria-label="%s from run to run, from 0 up">`,
		width, height, template.HTMLEscapeString(name))
	pen, d := "M", ""
	for i, v := range values {
		if math.IsNaN(v) {
			pen = "M"
			continue
		}
		d += fmt.Sprintf("%s%.1f %.1f", pen, x.at(float64(i)), y.at(v))
		pen = "L"
	}
	fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="currentColor" stroke-width="1.5"/>`, d)
	for i, v := range values {
		if !math.IsNaN(v) {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="2" fill="currentColor"/>`, x.at(float64(i)), y.at(v))
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // built of numbers and of text that it escapes
}

// settings are the conditions that are not the same in all runs: they may be why
// the figures differ.
func settings(runs []overlayRun) (all []setting) {
	for _, s := range []struct {
		name string
		of   func(sim.RunInfo) string
	}{
		{"changed values", func(i sim.RunInfo) string { return strings.Join(i.Overrides, " ") }},
		{"scenario text", func(i sim.RunInfo) string { return digest(i.Source) }},
		{"seed", func(i sim.RunInfo) string { return fmt.Sprint(i.Scenario.Seed) }},
		{"repeats", func(i sim.RunInfo) string { return fmt.Sprint(i.Scenario.Repeats) }},
		{"schedule", func(i sim.RunInfo) string { return fmt.Sprintf("%.8s", i.Digest) }},
		{"backing", func(i sim.RunInfo) string { return i.Backing.Name }},
		{"servers", func(i sim.RunInfo) string { return joined(i.Backing.Servers) }},
		{"versions", func(i sim.RunInfo) string { return joined(i.Versions) }},
		{"machine", func(i sim.RunInfo) string {
			return fmt.Sprintf("%d × %s, %s %s", i.Machine.CPUs, i.Machine.CPU, i.Machine.OS, i.Machine.Kernel)
		}},
	} {
		line := setting{Name: s.name}
		for _, run := range runs {
			line.Values = append(line.Values, s.of(run.Info))
		}
		if len(slices.Compact(slices.Clone(line.Values))) > 1 {
			all = append(all, line)
		}
	}
	return all
}

func joined(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+" "+m[k])
	}
	return strings.Join(parts, ", ")
}
