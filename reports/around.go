package reports

import (
	"fmt"
	"html/template"
	"math"
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
	Stretch, Variant string
	P50, P99         string
}

// The measures of its picture, in pixels.
const (
	aroundLeft = 118
	aroundRowH = 17
)

// stretchNames are the first words of the names of the stretches around a fault;
// the rest of such a name is the fault's.
var stretchNames = []string{"before", "during", "after"}

// around lays the convergence lag before, during and after each fault side by
// side: a line from the median to the p99, on one logarithmic axis.
func around(all []*sim.VariantResult) (faults []aroundFault) {
	x := axis{low: aroundLeft, high: svgWidth - svgRight, log: true, from: 1, to: 10}
	byName := map[string]map[string]sim.Stretch{}
	var names []string
	for _, v := range all {
		for _, s := range v.Trials[0].Around {
			stretch, name, _ := strings.Cut(s.Name, " ")
			if byName[name] == nil {
				byName[name] = map[string]sim.Stretch{}
				names = append(names, name)
			}
			if key := stretch + " " + v.Variant; byName[name][key].Name == "" {
				byName[name][key] = s
			}
			x.to = max(x.to, s.Lag.Convergence.P99)
		}
	}
	for _, name := range names {
		faults = append(faults, drawAround(name, byName[name], all, x))
	}
	return faults
}

// drawAround draws one fault: a group of lines for each stretch, in it a line
// for each variant, and the milliseconds below.
func drawAround(name string, stretches map[string]sim.Stretch, all []*sim.VariantResult, x axis) aroundFault {
	f := aroundFault{Name: name}
	height := len(stretchNames)*(len(all)*aroundRowH+6) + svgBottom
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="Convergence lag before, during and after %s">`,
		svgWidth, height, template.HTMLEscapeString(name))
	for _, v := range x.ticks() {
		fmt.Fprintf(&b, `<path d="M%.1f 0V%d" stroke="currentColor" stroke-opacity=".2"/>`, x.at(v), height-svgBottom)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x.at(v), height-6, milliseconds(v))
	}
	top := 0
	for _, stretch := range stretchNames {
		for n, v := range all {
			row := aroundRow{stretch, v.Variant, "-", "-"}
			middle := float64(top) + aroundRowH/2
			fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">%s, %s</text>`,
				aroundLeft-8, middle+4, stretch, template.HTMLEscapeString(v.Variant))
			if lag := stretches[stretch+" "+v.Variant].Lag.Convergence; lag.Count > 0 || lag.Censored > 0 {
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
	title := fmt.Sprintf("%s, %s: p50 %s, p99 %s", row.Stretch, row.Variant, row.P50, row.P99)
	fmt.Fprintf(b, `<g style="stroke:var(--%[1]s);fill:var(--%[1]s)"><title>%[2]s</title>`, colour, template.HTMLEscapeString(title))
	fmt.Fprintf(b, `<path d="M%.1f %.1fH%.1f" stroke-width="3"/><circle cx="%.1f" cy="%.1f" r="3.5"/>`, p50, y, p99, p50, y)
	fmt.Fprintf(b, `<path d="M%.1f %.1fV%.1f" stroke-width="2.5"/></g>`, p99, y-5, y+5)
	if lag.Censored > 0 {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f">→</text>`, math.Min(p99+3, svgWidth-14), y+4)
	}
}

// bounded99 is the p99 of a lag as text, with ≥ where it is only a lower bound.
func bounded99(c sim.Convergence) string {
	for _, name := range c.AtLeast {
		if name == "p99" {
			return "≥ " + ms(c.P99)
		}
	}
	return ms(c.P99)
}

// milliseconds is a round number of milliseconds as a short label.
func milliseconds(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%gs", v/1000)
	}
	return fmt.Sprintf("%gms", v)
}
