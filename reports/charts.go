package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"squall/sim"
	"squall/sim/measure"
)

// chart is one chart as data. report.js draws it on the page, and svg.go draws it
// for paper and for readers without JavaScript.
type chart struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Note  string `json:"-"`
	Term  string `json:"-"`
	Unit  string `json:"unit"`
	// Axis is what the horizontal axis counts: "time" for seconds of the load,
	// shared by all such charts, "odds" for 1 in X, "ms" for milliseconds.
	Axis  string `json:"axis"`
	Log   bool   `json:"log"`         // the vertical axis is logarithmic
	Span  bool   `json:"span"`        // a line goes on over points without a value
	X     column `json:"x,omitempty"` // of the points; absent on the shared axis
	Lines []line `json:"lines"`
}

// line is one line of a chart, one value for each point of its axis.
type line struct {
	Name   string `json:"name"`
	Colour string `json:"colour"` // a CSS variable of report.css without its dashes
	Dash   int    `json:"dash"`   // 0 solid, 1 dashed, 2 dotted
	Hidden bool   `json:"hidden,omitempty"`
	Values column `json:"values"`
}

// column is values of which some may be missing. They are written with four
// digits, which is more than a chart can show.
type column []*float64

func (c column) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, v := range c {
		if i > 0 {
			b = append(b, ',')
		}
		if v == nil {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, *v, 'g', 4, 64)
	}
	return append(b, ']'), nil
}

// band is a stretch of time, in seconds from the start of the load.
type band struct {
	Name   string  `json:"name"`
	From   float64 `json:"from"`
	To     float64 `json:"to"`
	Colour string  `json:"colour,omitempty"` // of a fault: its group's
	// Rate is the load at both ends of a phase.
	Rate [2]float64 `json:"rate"`
	// Bars are the times in which a fault was in force, one for each variant that
	// it applies to.
	Bars []bar `json:"bars,omitempty"`
}

// bar is a fault in one trial.
type bar struct {
	Variant string      `json:"variant"`
	Colour  string      `json:"colour"`
	From    float64     `json:"from"`
	To      float64     `json:"to"`
	Verdict sim.Verdict `json:"verdict"`
	Mark    string      `json:"mark"`
	Says    string      `json:"says"` // the evidence
}

// group is charts under one heading.
type group struct {
	Title  string
	Charts []chart
}

// source is one variant of one run, as the charts show it.
type source struct {
	name, colour string
	series       sim.Series // downsampled
}

// lineOf is a line that is drawn of every source.
type lineOf struct {
	name   string
	hidden bool
	values func(sim.Series) []*float64
}

// overTime draws the same lines of every source into a chart, told apart by
// colour. A line without any value is left out.
func overTime(c chart, sources []source, lines ...lineOf) chart {
	c.Axis = "time"
	for _, s := range sources {
		for i, l := range lines {
			if values := l.values(s.series); some(values) {
				c.Lines = append(c.Lines, line{
					Name: s.name + " " + l.name, Colour: s.colour, Dash: i % 3, Hidden: l.hidden, Values: values,
				})
			}
		}
	}
	return c
}

// byName draws a line for each name of one source, such as its processes, into
// a chart. alive, where there is any, has 0 where there was nothing to measure.
func byName(c chart, values, alive map[string][]float64, scale float64) chart {
	c.Axis = "time"
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		if !slices.ContainsFunc(v, func(x float64) bool { return x > 0 }) {
			continue
		}
		n := len(c.Lines)
		c.Lines = append(c.Lines, line{
			Name: name, Colour: fmt.Sprintf("p%d", n%paletteSize), Dash: n / paletteSize % 3,
			Values: masked(scaled(v, scale), alive[name]),
		})
	}
	return c
}

// paletteSize is how many colours report.css has beside the variants'.
const paletteSize = 8

// masked removes the values of the seconds in which alive is 0.
func masked(values []*float64, alive []float64) []*float64 {
	for i := range min(len(values), len(alive)) {
		if alive[i] == 0 {
			values[i] = nil
		}
	}
	return values
}

// some reports whether any value is there.
func some(values []*float64) bool {
	return slices.ContainsFunc(values, func(v *float64) bool { return v != nil })
}

// scaled multiplies values, to change their unit.
func scaled(values []float64, by float64) []*float64 {
	all := make([]*float64, len(values))
	for i, v := range values {
		v *= by
		all[i] = &v
	}
	return all
}

// drawable leaves out the charts without a line, and the groups without a chart.
func drawable(groups ...group) (all []group) {
	for _, g := range groups {
		g.Charts = slices.DeleteFunc(g.Charts, func(c chart) bool { return len(c.Lines) == 0 })
		if len(g.Charts) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// distributions are the charts that are not over time: latencies by percentile
// and what readers saw.
func distributions(all []*sim.VariantResult) []chart {
	charts := []chart{
		percentiles("accept-percentiles", "Accept latency by percentile", "accept", all,
			func(v *sim.VariantResult) sim.Latency { return v.Accept.Latency }),
		percentiles("complete-percentiles", "Complete latency by percentile", "complete", all,
			func(v *sim.VariantResult) sim.Latency { return v.Complete }),
		percentiles("lag-percentiles", "Convergence lag by percentile", "lag", all,
			func(v *sim.VariantResult) sim.Latency { return v.Lag.Convergence.Latency }),
		visibilityCurve(all),
	}
	return slices.DeleteFunc(charts, func(c chart) bool { return len(c.Lines) == 0 })
}

// percentiles lays a latency out by percentile. The axis counts odds, 1 in X, so
// that each nine has the same room.
func percentiles(id, title, term string, all []*sim.VariantResult, of func(*sim.VariantResult) sim.Latency) chart {
	c := chart{ID: id, Title: title, Unit: "ms", Term: term, Axis: "odds", Log: true, Span: true,
		Note: "each nine has the same room; a line ends where no order is beyond"}
	points := make([][]measure.Percentile, len(all))
	var odds []float64
	for i, v := range all {
		var err error
		if points[i], err = measure.Percentiles(of(v)); err != nil {
			c.Note += fmt.Sprintf("; %s has no line: %v", v.Variant, err)
		}
		for _, p := range points[i] {
			odds = append(odds, p.Odds)
		}
	}
	slices.Sort(odds)
	odds = slices.Compact(odds)
	c.X = pointers(odds)
	for i, v := range all {
		if len(points[i]) < 2 {
			continue
		}
		values := make(column, len(odds))
		for _, p := range points[i] {
			at, _ := slices.BinarySearch(odds, p.Odds)
			values[at] = &p.MS
		}
		c.Lines = append(c.Lines, line{Name: v.Variant, Colour: variantColour(i), Values: values})
	}
	return c
}

// visibilityCurve is the share of reads that show an order's final state, by the
// milliseconds from the moment that state was told to the read.
func visibilityCurve(all []*sim.VariantResult) chart {
	c := chart{ID: "t-visibility", Title: "t-visibility", Unit: "%", Term: "t-visibility", Axis: "ms", Span: true,
		Note: "the share of reads that show the final state, by the time since it was told"}
	for i, v := range all {
		if v.Lag.Visibility == nil || v.Lag.Visibility.Reads == 0 {
			continue
		}
		curve := slices.Clone(v.Lag.Visibility.Curve)
		slices.SortFunc(curve, func(a, b sim.CurvePoint) int { return cmp.Compare(a.FromMS, b.FromMS) })
		first := c.X == nil
		values := make(column, 0, len(curve))
		for _, p := range curve {
			if first {
				from := max(p.FromMS, 0.5) // a logarithmic axis has no zero
				c.X = append(c.X, &from)
			}
			var share *float64
			if p.Reads > 0 {
				of := 100 * float64(p.Fresh) / float64(p.Reads)
				share = &of
			}
			values = append(values, share)
		}
		if some(values) {
			c.Lines = append(c.Lines, line{Name: v.Variant, Colour: variantColour(i), Values: values})
		}
	}
	return c
}
