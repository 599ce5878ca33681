package reports

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"squall/sim"
)

// chart is one chart, however it is drawn: by the page's script, or here as SVG
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

// column is values of which some may be missing, written with four digits: more
// than a chart can show.
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
	// Bars are what became of a fault in each variant.
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

// source is a variant of a run, as the charts show it.
type source struct {
	name, colour string
	series       sim.Series // thinned
}

// lineOf is a line that every source has.
type lineOf struct {
	name   string
	hidden bool
	values func(sim.Series) []*float64
}

// overTime draws the same lines of every source, told apart by colour.
func overTime(id, title, unit, term, note string, log bool, sources []source, lines ...lineOf) chart {
	c := chart{ID: id, Title: title, Unit: unit, Term: term, Note: note, Axis: "time", Log: log}
	for _, s := range sources {
		for i, l := range lines {
			if values := l.values(s.series); some(values) {
				c.Lines = append(c.Lines, line{Name: s.name + " " + l.name, Colour: s.colour, Dash: i % 3, Hidden: l.hidden, Values: values})
			}
		}
	}
	return c
}

// byName draws a line for each name of one source, such as its processes.
// alive, where there is any, has 0 where there was nothing to measure.
func byName(id, title, unit, term, note string, values, alive map[string][]float64, scale float64) chart {
	c := chart{ID: id, Title: title, Unit: unit, Term: term, Note: note, Axis: "time"}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if v := values[name]; slices.ContainsFunc(v, func(x float64) bool { return x > 0 }) {
			n := len(c.Lines)
			c.Lines = append(c.Lines, line{Name: name, Colour: fmt.Sprintf("p%d", n%paletteSize), Dash: n / paletteSize % 3, Values: masked(scaled(v, scale), alive[name])})
		}
	}
	return c
}

// paletteSize is how many colours report.css has beside the variants'.
const paletteSize = 8

// masked leaves out the values of seconds in which nothing was there.
func masked(values []*float64, alive []float64) []*float64 {
	for i := range min(len(values), len(alive)) {
		if alive[i] == 0 {
			values[i] = nil
		}
	}
	return values
}

func some(values []*float64) bool {
	return slices.ContainsFunc(values, func(v *float64) bool { return v != nil })
}

func scaled(values []float64, by float64) []*float64 {
	all := make([]*float64, len(values))
	for i, v := range values {
		v *= by
		all[i] = &v
	}
	return all
}

// total adds up what several processes used; a second in which nothing was read
// has no value.
func total(of func(sim.Series) map[string][]float64, scale float64) func(sim.Series) []*float64 {
	return func(s sim.Series) []*float64 {
		var sum []float64
		for _, name := range slices.Sorted(maps.Keys(of(s))) {
			for i, v := range of(s)[name] {
				if i == len(sum) {
					sum = append(sum, 0)
				}
				sum[i] += v
			}
		}
		all := scaled(sum, scale)
		for i, v := range sum {
			if v == 0 {
				all[i] = nil
			}
		}
		return all
	}
}

func cpuOf(s sim.Series) map[string][]float64    { return s.CPU }
func memoryOf(s sim.Series) map[string][]float64 { return s.RSS }

const mebibyte = 1 << 20

// timeCharts are the charts over time, by what they answer.
func timeCharts(sources []source) []group {
	clients := []chart{
		overTime("accept", "Accept latency", "ms", "accept", "answer - intended, by the second in which the request was due", true, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.AcceptP50 }}, lineOf{"p99", false, func(s sim.Series) []*float64 { return s.AcceptP99 }},
			lineOf{"p90", true, func(s sim.Series) []*float64 { return s.AcceptP90 }}, lineOf{"max", true, func(s sim.Series) []*float64 { return s.AcceptMax }}),
		overTime("service", "Service latency", "ms", "service", "answer - actual send: the same as its neighbour while the client keeps up", true, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.ServiceP50 }}, lineOf{"p99", false, func(s sim.Series) []*float64 { return s.ServiceP99 }}),
		throughput(sources),
	}
	consistency := []chart{
		overTime("lag", "Convergence lag", "ms", "lag", "last commit - the client's answer, by the second of the answer", true, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.LagP50 }}, lineOf{"p99", false, func(s sim.Series) []*float64 { return s.LagP99 }}),
		overTime("visibility", "Visibility lag", "ms", "visibility", "the client's answer to the first read from which on all show the final state", true, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.VisibleP50 }}, lineOf{"p99", false, func(s sim.Series) []*float64 { return s.VisibleP99 }}),
	}
	consistency[1].Span = true // of a sample, which not every second has an order of
	waiting := []chart{overTime("backlog", "Backlog", "", "backlog", "orders and messages on their way", false, sources,
		lineOf{"backlog", false, func(s sim.Series) []*float64 { return pointers(s.Backlog["total"]) }})}
	cost := []chart{
		overTime("cpu", "CPU", "cores", "cpu", "in use by the processes and servers under test", false, sources, lineOf{"", false, total(cpuOf, 1)}),
		overTime("memory", "Memory", "MiB", "memory", "resident in the processes and servers under test", false, sources, lineOf{"", false, total(memoryOf, 1.0/mebibyte)}),
	}
	for _, s := range sources {
		waiting = append(waiting, byName("stages-"+s.name, "Where it waits: "+s.name, "", "backlog", "the backlog by stage; what is parked stays", stages(s.series), nil, 1))
	}
	for _, s := range sources {
		cost = append(cost,
			byName("cpu-"+s.name, "CPU by process: "+s.name, "cores", "cpu", "of every process and server", s.series.CPU, s.series.RSS, 1),
			byName("memory-"+s.name, "Memory by process: "+s.name, "MiB", "memory", "resident; a process that was killed begins anew", s.series.RSS, s.series.RSS, 1.0/mebibyte))
	}
	return drawable(group{"What clients saw", clients}, group{"When the services agreed", consistency}, group{"Where orders waited", waiting}, group{"What it took", cost})
}

// throughput has what was offered once: it is the same for every variant.
func throughput(sources []source) chart {
	c := overTime("throughput", "Throughput", "/s", "rates", "offered is the same for all; accepted, completed and failed by when they happened", false, sources,
		lineOf{"accepted", false, func(s sim.Series) []*float64 { return pointers(s.Accepted) }}, lineOf{"completed", false, func(s sim.Series) []*float64 { return pointers(s.Completed) }},
		lineOf{"failed", false, func(s sim.Series) []*float64 { return pointers(s.Failed) }})
	if len(sources) > 0 {
		c.Lines = append([]line{{Name: "offered", Colour: "soft", Values: pointers(sources[0].series.Offered)}}, c.Lines...)
	}
	return c
}

func stages(s sim.Series) map[string][]float64 {
	all := maps.Clone(s.Backlog)
	delete(all, "total")
	return all
}

// drawable leaves out what has nothing to show.
func drawable(groups ...group) (all []group) {
	for _, g := range groups {
		g.Charts = slices.DeleteFunc(g.Charts, func(c chart) bool { return len(c.Lines) == 0 })
		if len(g.Charts) > 0 {
			all = append(all, g)
		}
	}
	return all
}
