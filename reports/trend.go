package reports

import (
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"squall/sim"
	"squall/sim/gate"
	"squall/sim/measure"
)

//go:embed trend.html
var trendPage string

// trendVariant is one variant's figures over many saved results.
type trendVariant struct {
	Name   string
	Series []trendSeries
}

type trendSeries struct {
	Name    string
	Last    string
	SVG     template.HTML
	Changes []trendChange
}

// trendChange is where a figure changed: the first result after the change, and
// the medians of the results before and after.
type trendChange struct {
	Run, Before, After, Effect string
	Worse                      bool
	Level                      bool // the medians are the same: neither better nor worse
}

// Trend renders a page of every figure over saved results of one scenario, the
// earliest first, and marks the points at which a figure changed. Results of
// several scenarios are an error. There must be at least one result.
func Trend(all []gate.Baseline) ([]byte, error) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b gate.Baseline) int { return a.Started.Compare(b.Started) })
	names := map[string]bool{}
	for _, b := range all {
		if b.Scenario != all[0].Scenario {
			return nil, fmt.Errorf("%s is of %s, and %s of %s: a trend is of one scenario", all[0].Run, all[0].Scenario, b.Run, b.Scenario)
		}
		for v := range b.Variants {
			names[v] = true
		}
	}
	d := struct {
		Scenario string
		Results  []gate.Baseline
		Variants []trendVariant
		Style    template.CSS
	}{all[0].Scenario, all, nil, template.CSS(style)}
	for _, v := range slices.Sorted(maps.Keys(names)) {
		t := trendVariant{Name: v}
		for _, f := range measure.Kept() {
			if s, ok := trendOf(all, v, f); ok {
				t.Series = append(t.Series, s)
			}
		}
		d.Variants = append(d.Variants, t)
	}
	return render(trendPage, d)
}

// trendOf is one figure of one variant, by the median of each result that has it.
func trendOf(all []gate.Baseline, variant string, f sim.Figure) (trendSeries, bool) {
	var medians []float64
	var of []gate.Baseline
	for _, b := range all {
		if values := b.Variants[variant].Figures[f.Unit]; len(values) > 0 {
			medians, of = append(medians, measure.Median(values)), append(of, b)
		}
	}
	if len(medians) == 0 {
		return trendSeries{}, false
	}
	points := gate.ChangePoints(medians)
	s := trendSeries{Name: f.Name, Last: reading(f.Kind, medians[len(medians)-1]), SVG: trendSVG(f.Name, medians, points)}
	edges := append(append([]int{0}, points...), len(medians))
	for i, p := range points {
		before, after := measure.Median(medians[edges[i]:p]), measure.Median(medians[p:edges[i+2]])
		s.Changes = append(s.Changes, trendChange{
			Run: of[p].Started.Format("2006-01-02 15:04") + " " + of[p].Run, Before: reading(f.Kind, before), After: reading(f.Kind, after),
			Effect: difference(before, after, false), Worse: (after > before) != (f.Better == sim.MoreIsBetter), Level: after == before,
		})
	}
	return s, true
}

// trendSVG draws a figure from result to result, from 0 up, with its changes.
func trendSVG(name string, values []float64, points []int) template.HTML {
	const width, height, left = 560, 110, 56
	x := axis{from: 0, to: max(1, float64(len(values)-1)), low: left, high: width - 12}
	y := axis{to: slices.Max(values) * 1.1, low: height - 12, high: 10}
	if y.to == 0 {
		y.to = 1
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s over %d results, %d changes">`,
		width, height, template.HTMLEscapeString(name), len(values), len(points))
	for _, v := range y.ticks() {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="currentColor" stroke-opacity=".2"/>`, left, y.at(v), width-12)
		fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">%s</text>`, left-6, y.at(v)+4, number(v))
	}
	for _, p := range points {
		at := (x.at(float64(p-1)) + x.at(float64(p))) / 2
		fmt.Fprintf(&b, `<path d="M%.1f 6V%d" style="stroke:var(--p4)" stroke-width="2" stroke-dasharray="5 3"/>`, at, height-12)
		fmt.Fprintf(&b, `<text x="%.1f" y="10">changed</text>`, at+4)
	}
	d, pen := "", "M"
	for i, v := range values {
		d += fmt.Sprintf("%s%.1f %.1f", pen, x.at(float64(i)), y.at(v))
		pen = "L"
	}
	fmt.Fprintf(&b, `<path d="%s" fill="none" style="stroke:var(--v1)" stroke-width="1.5"/>`, d)
	for i, v := range values {
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="2.4" style="fill:var(--v1)"/>`, x.at(float64(i)), y.at(v))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // built of numbers and of text that it escapes
}
