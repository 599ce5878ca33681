package reports

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// The size of a chart that is drawn here, in pixels, and of its margins.
const (
	svgWidth, svgHeight = 560, 190
	svgLeft, svgBottom  = 56, 22
	svgTop, svgRight    = 14, 18
	// svgPoints is how many points of a line are drawn at most: twice as many
	// would not be seen on paper.
	svgPoints = 300
)

// axis maps values to pixels.
type axis struct {
	from, to  float64 // of the values
	low, high float64 // in pixels
	log       bool
}

func (a axis) at(v float64) float64 {
	if a.log {
		a.from, a.to, v = math.Log10(a.from), math.Log10(a.to), math.Log10(max(v, a.from))
	}
	if a.to <= a.from {
		return a.low
	}
	return a.low + (min(max(v, a.from), a.to)-a.from)*(a.high-a.low)/(a.to-a.from)
}

// round is the largest of 1, 2, 5, 10, ... that is not larger.
func round(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(max(v, 1e-9))))
	for _, n := range []float64{5, 2} {
		if v >= n*power {
			return n * power
		}
	}
	return power
}

// ticks are values worth a label: powers of ten, or round ones.
func (a axis) ticks() (all []float64) {
	if !a.log {
		step := round((a.to - a.from) / 4)
		for v := math.Ceil(a.from/step) * step; v <= a.to; v += step {
			all = append(all, v)
		}
		return all
	}
	for v := math.Pow(10, math.Ceil(math.Log10(a.from)-1e-9)); v <= a.to*1.000001; v *= 10 {
		all = append(all, v)
	}
	return all
}

// axes returns the axes of a chart; at is the shared axis of time.
func (c chart) axes(at []float64) (x, y axis) {
	xs := c.xs(at)
	x = axis{low: svgLeft, high: svgWidth - svgRight, log: c.Axis != "time", to: 1}
	if len(xs) > 0 {
		x.from, x.to = xs[0], max(xs[len(xs)-1], xs[0]+1e-6)
	}
	least, most := math.Inf(1), 0.0
	for _, l := range c.Lines {
		for _, v := range l.Values {
			if v != nil && !l.Hidden {
				least, most = min(least, *v), max(most, *v)
			}
		}
	}
	y = axis{low: svgHeight - svgBottom, high: svgTop, to: max(most*1.05, 1e-6)}
	if c.Log {
		y.log, y.from, y.to = true, decade(math.Floor, max(least, 0.1)), decade(math.Ceil, max(most, 1))
	}
	return x, y
}

// decade is the power of ten under or over a value.
func decade(round func(float64) float64, v float64) float64 {
	return math.Pow(10, round(math.Log10(min(v, 1e12))))
}

func (c chart) xs(at []float64) []float64 {
	if c.Axis == "time" {
		return at
	}
	return values(c.X)
}

// svg draws a chart, with the faults as bands behind it when it is over time.
func (c chart) svg(at []float64, faults []band) template.HTML {
	x, y := c.axes(at)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, svgWidth, svgHeight, template.HTMLEscapeString(c.Title))
	if c.Axis == "time" {
		for _, f := range faults {
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s" fill-opacity=".15"><title>%s</title></rect>`,
				x.at(f.From), svgTop, max(1, x.at(f.To)-x.at(f.From)), svgHeight-svgTop-svgBottom,
				template.HTMLEscapeString(f.Colour), template.HTMLEscapeString(f.Name))
		}
	}
	for _, v := range y.ticks() {
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="currentColor" stroke-opacity=".2"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			svgLeft, y.at(v), svgWidth-svgRight, svgLeft-6, y.at(v)+4, number(v))
	}
	for _, v := range x.ticks() {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x.at(v), svgHeight-6, c.tick(v))
	}
	xs := c.xs(at)
	for _, l := range c.Lines {
		if !l.Hidden {
			fmt.Fprintf(&b, `<path d="%s" fill="none" stroke-width="1.8" style="stroke:var(--%s)" stroke-dasharray="%s"/>`,
				path(l.Values, xs, x, y, c.Span), l.Colour, []string{"", "6 4", "2 3"}[l.Dash])
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // built of numbers and of text that it escapes
}

// tick is the label of a value of the horizontal axis.
func (c chart) tick(v float64) string {
	switch c.Axis {
	case "time":
		return fmt.Sprintf("%.0fs", v)
	case "odds":
		return fmt.Sprintf("%.6g%%", 100*(1-1/v))
	}
	return number(v)
}

// number is a short label.
func number(v float64) string {
	if v >= 10_000 {
		return fmt.Sprintf("%.3gk", v/1000)
	}
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// path is a line. It is broken where there is no value, unless it spans gaps;
// many points are thinned to the highest of their neighbours.
func path(line column, xs []float64, x, y axis, span bool) string {
	step := (len(line) + svgPoints - 1) / svgPoints
	var b strings.Builder
	pen := "M"
	for from := 0; from < len(line); from += max(1, step) {
		best := -1
		for i := from; i < min(from+step, len(line)); i++ {
			if line[i] != nil && (best < 0 || *line[i] > *line[best]) {
				best = i
			}
		}
		if best < 0 {
			if !span {
				pen = "M"
			}
			continue
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", pen, x.at(xs[best]), y.at(*line[best]))
		pen = "L"
	}
	return b.String()
}
