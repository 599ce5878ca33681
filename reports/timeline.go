package reports

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"squall/sim"
)

// phases are the phases of the load as bands.
func phases(l sim.Load) []band {
	all := []band{}
	var at time.Duration
	for _, p := range l.Phases {
		all = append(all, band{Name: p.Name, From: at.Seconds(), To: (at + p.For).Seconds(), Rate: [2]float64{p.From, p.To}})
		at += p.For
	}
	return all
}

// faultBands are the faults as bands, each with a bar for the first trial of every
// variant that it applies to. A fault that was never healed ends with the load.
func faultBands(sc sim.Scenario, all []*sim.VariantResult) []band {
	bands := []band{}
	for i, f := range sc.Faults {
		b := band{
			Name: strings.TrimSpace(f.Kind + " " + f.Target), From: f.At.Seconds(), To: f.At.Seconds(),
			Colour: sim.FaultKind{Group: f.Group}.Colour(),
		}
		for n, v := range all {
			for _, seen := range v.Trials[0].Faults {
				if seen.Number != i+1 || seen.NA {
					continue
				}
				x := bar{v.Variant, variantColour(n), seen.From, seen.To, seen.Verdict, verdictMark(seen.Verdict), seen.Evidence}
				if x.From == 0 {
					x.From = b.From
				}
				if x.To == 0 {
					x.To = max(x.From, sc.Load.Duration().Seconds())
				}
				b.To = max(b.To, x.To)
				b.Bars = append(b.Bars, x)
			}
		}
		bands = append(bands, b)
	}
	return bands
}

// The measures of the storm's own picture, in pixels; faults.js has the same.
const (
	stormRate = 70 // height of the load
	stormBar  = 7  // height of a fault in one variant
	stormLane = 14 // height of a fault's name
)

// stormChart is the load as it was planned. The faults lie below it, a lane each.
func stormChart(phases []band, seconds []float64) chart {
	c := chart{ID: "storm", Title: "Load and faults", Unit: "/s", Term: "evidence", Axis: "time",
		Note: "the load as it was planned, and below it every fault: a bar for each variant, " +
			"from its injection to its heal, and whether there is evidence that it took hold"}
	rate := line{Name: "planned", Colour: "soft"}
	for _, s := range seconds {
		at := 0.0
		for _, p := range phases {
			if s >= p.From && s < p.To {
				at = p.Rate[0] + (p.Rate[1]-p.Rate[0])*(s-p.From)/(p.To-p.From)
			}
		}
		rate.Values = append(rate.Values, &at)
	}
	c.Lines = []line{rate}
	return c
}

// stormSVG draws the storm for paper and for readers without JavaScript: the
// load, and below it a lane for each fault.
func stormSVG(c chart, seconds []float64, phases, faults []band) template.HTML {
	x, y := c.axes(seconds)
	height := svgTop + stormRate + svgBottom
	for _, f := range faults {
		height += laneHeight(f)
	}
	y.low, y.high = svgTop+stormRate, svgTop
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="The load by phase, and the faults with their evidence">`,
		svgWidth, height)
	for _, p := range phases {
		fmt.Fprintf(&b, `<path d="M%.1f %.1fL%.1f %.1fL%.1f %.1fV%.1fH%.1fZ" fill="currentColor" fill-opacity=".18"/>`,
			x.at(p.From), y.low, x.at(p.From), y.at(p.Rate[0]), x.at(p.To), y.at(p.Rate[1]), y.low, x.at(p.From))
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`, x.at(p.From)+3, svgTop+stormRate-4, template.HTMLEscapeString(p.Name))
	}
	for _, v := range []float64{0, y.to / 1.05} { // none, and the highest rate
		fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">%s</text>`, svgLeft-6, y.at(v)+4, number(v))
	}
	top := svgTop + stormRate + 6
	for _, f := range faults {
		drawLane(&b, f, x, top)
		top += laneHeight(f)
	}
	for _, v := range x.ticks() {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%.0fs</text>`, x.at(v), height-6, v)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // built of numbers and of text that it escapes
}

// laneHeight is the height of a fault in the storm's picture, in pixels.
func laneHeight(f band) int { return stormLane + stormBar*len(f.Bars) + 4 }

// drawLane draws a fault: its name with the marks of its evidence, and a bar for
// each variant.
func drawLane(b *strings.Builder, f band, x axis, top int) {
	anchor, at := "start", x.at(f.From)
	if at > svgWidth*2/3 {
		anchor, at = "end", x.at(f.To)
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="%s">%s%s</text>`, at, top+10, anchor, template.HTMLEscapeString(f.Name), marks(f))
	for i, bar := range f.Bars {
		title := bar.Variant + ": " + string(bar.Verdict) + ": " + bar.Says
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" style="fill:var(--%s)"><title>%s</title></rect>`,
			x.at(bar.From), top+stormLane+i*stormBar, max(2, x.at(bar.To)-x.at(bar.From)), stormBar-2, bar.Colour,
			template.HTMLEscapeString(title))
	}
}

// marks are the verdicts on a fault's evidence, in the order of its bars.
func marks(f band) (s string) {
	for _, b := range f.Bars {
		s += " " + b.Mark
	}
	return s
}

// stormRow is a fault in one trial, as the table of faults shows it.
type stormRow struct {
	Trial string
	sim.FaultResult
	Recovery *sim.Recovery // nil where the fault was not healed
}

// stormRows are the faults of the first trials of all variants, and those of the
// repeats.
func stormRows(all []*sim.VariantResult) (first, repeats []stormRow) {
	for _, v := range all {
		for n, t := range v.Trials {
			for _, f := range t.Faults {
				row := stormRow{Trial: t.Trial, FaultResult: f}
				for i := range t.Recovery {
					if t.Recovery[i].Fault == f.Number {
						row.Recovery = &t.Recovery[i]
					}
				}
				if n == 0 {
					first = append(first, row)
				} else {
					repeats = append(repeats, row)
				}
			}
		}
	}
	return first, repeats
}
