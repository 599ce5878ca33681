package reports

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"squall/sim"
)

// The size of a chart that is drawn here, in pixels, and of its margins.
const (
	svgWidth, svgHeight = 560, 190
	svgLeft, svgBottom  = 56, 22
	svgTop, svgRight    = 14, 18
)

// svgColours are the variants', the same as in the page's script.
var svgColours = []string{"#c4560b", "#0b62c4", "#1a7f37", "#8250df"}

// plain is a chart for a reader without JavaScript.
type plain struct {
	Title string
	SVG   template.HTML
	Names []plainName
}

type plainName struct {
	Name   string
	Colour template.CSS
}

// plains draws the charts that tell the story: latency, throughput, backlog.
func plains(d chartData) (all []plain) {
	for _, c := range []struct {
		title, unit string
		values      func(sim.Series) []*float64
	}{
		{"Accept latency p99 (ms)", "ms", func(s sim.Series) []*float64 { return s.AcceptP99 }},
		{"Completed per second", "/s", func(s sim.Series) []*float64 { return pointers(s.Completed) }},
		{"Backlog", "", func(s sim.Series) []*float64 { return pointers(s.Backlog["total"]) }},
	} {
		p := plain{Title: c.title}
		var lines [][]*float64
		for i, v := range d.Variants {
			lines = append(lines, c.values(d.Series[v]))
			p.Names = append(p.Names, plainName{v, template.CSS(svgColours[i%len(svgColours)])})
		}
		p.SVG = template.HTML(svg(c.title, d.Seconds, d.Faults, lines)) // built of numbers and of text that it escapes
		all = append(all, p)
	}
	return all
}

func pointers(values []float64) []*float64 {
	all := make([]*float64, len(values))
	for i := range values {
		all[i] = &values[i]
	}
	return all
}

// svg draws lines over the seconds that their points stand for, with the faults
// as bands behind them.
func svg(title string, at []float64, faults []band, lines [][]*float64) string {
	seconds, highest := 1.0, 1.0
	if len(at) > 0 {
		seconds = max(seconds, at[len(at)-1])
	}
	for _, line := range lines {
		for _, v := range line {
			if v != nil {
				highest = max(highest, *v)
			}
		}
	}
	x := func(s float64) float64 {
		return svgLeft + min(max(s, 0), seconds)*(svgWidth-svgLeft-svgRight)/seconds
	}
	y := func(v float64) float64 { return svgTop + (1-v/highest)*(svgHeight-svgTop-svgBottom) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, svgWidth, svgHeight, template.HTMLEscapeString(title))
	for _, f := range faults {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%.1f" fill="%s" fill-opacity=".15"><title>%s</title></rect>`,
			x(f.From), svgTop, max(1, x(f.To)-x(f.From)), y(0)-svgTop, template.HTMLEscapeString(f.Colour), template.HTMLEscapeString(f.Name))
	}
	for _, share := range []float64{0, 0.5, 1} {
		at := y(share * highest)
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="currentColor" stroke-opacity=".2"/><text x="%d" y="%.1f" text-anchor="end" font-size="11" fill="currentColor">%.3g</text>`,
			svgLeft, at, svgWidth-svgRight, svgLeft-6, at+4, share*highest)
	}
	for i := range 5 {
		s := math.Round(seconds * float64(i) / 4)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle" font-size="11" fill="currentColor">%.0fs</text>`, x(s), svgHeight-6, s)
	}
	for i, line := range lines {
		fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`, path(line, func(i int) float64 { return x(at[i]) }, y), svgColours[i%len(svgColours)])
	}
	b.WriteString("</svg>")
	return b.String()
}

// path is a line that is broken where there is no value.
func path(line []*float64, x func(int) float64, y func(float64) float64) string {
	var b strings.Builder
	pen := "M"
	for i, v := range line {
		if v == nil {
			pen = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", pen, x(i), y(*v))
		pen = "L"
	}
	return b.String()
}
