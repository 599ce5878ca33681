package reports

import (
	"fmt"
	"html/template"
	"maps"
	"math"
	"slices"
	"strings"

	"squall/sim"
)

// aroundFault is the convergence lag before, during and after one fault, as a
// picture and as a table.
type aroundFault struct {
	Name string
	SVG  template.HTML
	Rows []aroundRow
}

type aroundRow struct {
	Position sim.Position
	Variant  string
	P50, P99 string
}

// The measures of its picture, in pixels.
const (
	aroundLeft = 118
	aroundRowH = 17
)

// place is where an interval belongs in the picture of a fault.
type place struct {
	position sim.Position
	variant  string
}

// around lays the convergence lag before, during and after each fault side by
// side: a line from the median to the p99, on one logarithmic axis. Faults are
// told apart by their numbers: two of them may have the same kind and target.
func around(all []*sim.VariantResult) (faults []aroundFault) {
	x := axis{low: aroundLeft, high: svgWidth - svgRight, log: true, from: 1, to: 10}
	byFault := map[int]map[place]sim.Interval{}
	for _, v := range all {
		for _, s := range v.Trials[0].Around {
			if byFault[s.Fault] == nil {
				byFault[s.Fault] = map[place]sim.Interval{}
			}
			byFault[s.Fault][place{s.Position, v.Variant}] = s
			x.to = max(x.to, s.Lag.Convergence.P99)
		}
	}
	names := faultNames(all)
	for _, number := range slices.Sorted(maps.Keys(byFault)) {
		faults = append(faults, drawAround(names[number], byFault[number], all, x))
	}
	return faults
}

// faultNames returns the name of each fault by its number. Faults of one kind on
// one target are told apart by the number.
func faultNames(all []*sim.VariantResult) map[int]string {
	names, uses := map[int]string{}, map[string]int{}
	for _, v := range all {
		for _, f := range v.Trials[0].Faults {
			if names[f.Number] == "" {
				names[f.Number] = f.Kind + " " + f.Target
				uses[names[f.Number]]++
			}
		}
	}
	for number, name := range names {
		if uses[name] > 1 {
			names[number] = fmt.Sprintf("%s (fault %d)", name, number)
		}
	}
	return names
}

// drawAround draws one fault: a group of lines for each position, in it a line
// for each variant, and the milliseconds below.
func drawAround(name string, intervals map[place]sim.Interval, all []*sim.VariantResult, x axis) aroundFault {
	f := aroundFault{Name: name}
	height := len(sim.Positions())*(len(all)*aroundRowH+6) + svgBottom
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="Convergence lag before, during and after %s">`,
		svgWidth, height, template.HTMLEscapeString(name))
	for _, v := range x.ticks() {
		fmt.Fprintf(&b, `<path d="M%.1f 0V%d" stroke="currentColor" stroke-opacity=".2"/>`, x.at(v), height-svgBottom)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x.at(v), height-6, milliseconds(v))
	}
	top := 0
	for _, position := range sim.Positions() {
		for n, v := range all {
			row := aroundRow{position, v.Variant, "-", "-"}
			middle := float64(top) + aroundRowH/2
			fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">%s, %s</text>`,
				aroundLeft-8, middle+4, position, template.HTMLEscapeString(v.Variant))
			if lag := intervals[place{position, v.Variant}].Lag.Convergence; lag.Count > 0 || lag.Censored > 0 {
				row.P50, row.P99 = ms(lag.P50), bounded99(lag)
				drawAroundLine(&b, row, lag, x, middle, variantColour(n))
			}
			f.Rows = append(f.Rows, row)
			top += aroundRowH
		}
		top += 6
	}
	b.WriteString("</svg>")
	f.SVG = template.HTML(b.String()) // built of numbers and of text that it escapes
	return f
}

// drawAroundLine draws a line from the median, a dot, to the p99, a stroke. An
// arrow beyond says that some orders never converged.
func drawAroundLine(b *strings.Builder, row aroundRow, lag sim.Convergence, x axis, y float64, colour string) {
	p50, p99 := x.at(lag.P50), x.at(lag.P99)
	title := fmt.Sprintf("%s, %s: p50 %s, p99 %s", row.Position, row.Variant, row.P50, row.P99)
	fmt.Fprintf(b, `<g style="stroke:var(--%[1]s);fill:var(--%[1]s)"><title>%[2]s</title>`, colour, template.HTMLEscapeString(title))
	fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1f" stroke-width="3"/><circle cx="%.1f" cy="%.1f" r="3.5"/>`, p50, y, p99, p50, y)
	fmt.Fprintf(b, `<path d="M%.1f %.1fV%.1f" stroke-width="2.5"/></g>`, p99, y-5, y+5)
	if lag.Censored > 0 {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f">→</text>`, math.Min(p99+3, svgWidth-14), y+4)
	}
}

// bounded99 is the p99 of a lag as text, with ≥ where it is only a lower bound.
func bounded99(c sim.Convergence) string { return boundText(c.Read(sim.P99), ms) }

// milliseconds is a round number of milliseconds as a short label.
func milliseconds(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%gs", v/1000)
	}
	return fmt.Sprintf("%gms", v)
}
