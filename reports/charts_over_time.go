package reports

import (
	"maps"
	"slices"

	"squall/sim"
)

const mebibyte = 1 << 20

// timeCharts are the charts over time, grouped by the question that they answer.
func timeCharts(sources []source) []group {
	return drawable(
		group{"What clients saw", clientCharts(sources)},
		group{"When the services agreed", consistencyCharts(sources)},
		group{"Where orders waited", waitingCharts(sources)},
		group{"What it took", costCharts(sources)},
	)
}

func clientCharts(sources []source) []chart {
	accept := chart{ID: "accept", Title: "Accept latency", Unit: "ms", Term: "accept", Log: true,
		Note: "answer - intended, by the second in which the request was due"}
	service := chart{ID: "service", Title: "Service latency", Unit: "ms", Term: "service", Log: true,
		Note: "answer - actual send: the same as its neighbour while the client keeps up"}
	return []chart{
		overTime(accept, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.AcceptP50 }},
			lineOf{"p99", false, func(s sim.Series) []*float64 { return s.AcceptP99 }},
			lineOf{"p90", true, func(s sim.Series) []*float64 { return s.AcceptP90 }},
			lineOf{"max", true, func(s sim.Series) []*float64 { return s.AcceptMax }}),
		overTime(service, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.ServiceP50 }},
			lineOf{"p99", false, func(s sim.Series) []*float64 { return s.ServiceP99 }}),
		throughput(sources),
	}
}

// throughput has what was offered once: it is the same for every variant.
func throughput(sources []source) chart {
	c := chart{ID: "throughput", Title: "Throughput", Unit: "/s", Term: "rates",
		Note: "offered is the same for all; accepted, completed and failed by when they happened"}
	c = overTime(c, sources,
		lineOf{"accepted", false, func(s sim.Series) []*float64 { return pointers(s.Accepted) }},
		lineOf{"completed", false, func(s sim.Series) []*float64 { return pointers(s.Completed) }},
		lineOf{"failed", false, func(s sim.Series) []*float64 { return pointers(s.Failed) }})
	if len(sources) > 0 {
		c.Lines = append([]line{{Name: "offered", Colour: "soft", Values: pointers(sources[0].series.Offered)}}, c.Lines...)
	}
	return c
}

func consistencyCharts(sources []source) []chart {
	lag := chart{ID: "lag", Title: "Convergence lag", Unit: "ms", Term: "lag", Log: true,
		Note: "last commit - the client's answer, by the second of the answer"}
	// Only a sample of orders is read back, and not every second has one of them:
	// the lines of this chart span such seconds.
	visibility := chart{ID: "visibility", Title: "Visibility lag", Unit: "ms", Term: "visibility", Log: true, Span: true,
		Note: "the client's answer to the first read from which on all show the final state"}
	return []chart{
		overTime(lag, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.LagP50 }},
			lineOf{"p99", false, func(s sim.Series) []*float64 { return s.LagP99 }}),
		overTime(visibility, sources,
			lineOf{"p50", false, func(s sim.Series) []*float64 { return s.VisibleP50 }},
			lineOf{"p99", false, func(s sim.Series) []*float64 { return s.VisibleP99 }}),
	}
}

func waitingCharts(sources []source) []chart {
	backlog := chart{ID: "backlog", Title: "Backlog", Term: "backlog", Note: "orders and messages on their way"}
	all := []chart{overTime(backlog, sources,
		lineOf{"backlog", false, func(s sim.Series) []*float64 { return pointers(s.Backlog["total"]) }})}
	for _, s := range sources {
		waits := chart{ID: "stages-" + s.name, Title: "Where it waits: " + s.name, Term: "backlog",
			Note: "the backlog by stage; what is parked stays"}
		all = append(all, byName(waits, stages(s.series), nil, 1))
	}
	return all
}

func costCharts(sources []source) []chart {
	cpu := chart{ID: "cpu", Title: "CPU", Unit: "cores", Term: "cpu", Note: "in use by the processes and servers under test"}
	memory := chart{ID: "memory", Title: "Memory", Unit: "MiB", Term: "memory", Note: "resident in the processes and servers under test"}
	all := []chart{
		overTime(cpu, sources, lineOf{"", false, total(cpuOf, 1)}),
		overTime(memory, sources, lineOf{"", false, total(memoryOf, 1.0/mebibyte)}),
	}
	for _, s := range sources {
		cpu := chart{ID: "cpu-" + s.name, Title: "CPU by process: " + s.name, Unit: "cores", Term: "cpu",
			Note: "of every process and server"}
		memory := chart{ID: "memory-" + s.name, Title: "Memory by process: " + s.name, Unit: "MiB", Term: "memory",
			Note: "resident; a process that was killed begins anew"}
		all = append(all,
			byName(cpu, s.series.CPU, s.series.RSS, 1),
			byName(memory, s.series.RSS, s.series.RSS, 1.0/mebibyte))
	}
	return all
}

// stages is the backlog by stage, without the sum of all.
func stages(s sim.Series) map[string][]float64 {
	all := maps.Clone(s.Backlog)
	delete(all, "total")
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

// mostPoints is how many seconds a chart shows one by one. A longer run is
// downsampled: three points for each stretch, so that no peak and no dip is lost.
const mostPoints = 900

// thinned is a variant's series, one point a second or fewer, and the seconds
// that the points stand for.
func thinned(s sim.Series, n int) (sim.Series, []float64) {
	k := 1
	for n/k*3 > mostPoints && n > mostPoints {
		k++
	}
	var seconds []float64
	for from := 0; from < n; from += k {
		if k == 1 {
			seconds = append(seconds, float64(from))
			continue
		}
		length := float64(min(k, n-from))
		for i := range 3 {
			seconds = append(seconds, float64(from)+length*float64(i)/3)
		}
	}
	if k == 1 {
		return s, seconds
	}
	for _, v := range []*[]float64{&s.Offered, &s.Accepted, &s.Completed, &s.Failed} {
		*v = values(downsample(pointers(*v), k))
	}
	for _, v := range []*[]*float64{
		&s.AcceptP50, &s.AcceptP90, &s.AcceptP99, &s.AcceptMax, &s.ServiceP50, &s.ServiceP99,
		&s.LagP50, &s.LagP99, &s.VisibleP50, &s.VisibleP99,
	} {
		*v = downsample(*v, k)
	}
	for _, m := range []*map[string][]float64{&s.Backlog, &s.CPU, &s.RSS} {
		short := map[string][]float64{}
		for name, v := range *m {
			short[name] = values(downsample(pointers(v), k))
		}
		*m = short
	}
	return s, seconds
}

// downsample keeps three of every k values: the least and the greatest, in the order
// in which they came, and the last. A stretch without any value stays without.
func downsample(v []*float64, k int) []*float64 {
	var short []*float64
	for from := 0; from < len(v); from += k {
		part := v[from:min(from+k, len(v))]
		least, greatest := -1, -1
		for i, x := range part {
			if x == nil {
				continue
			}
			if least < 0 || *x < *part[least] {
				least = i
			}
			if greatest < 0 || *x > *part[greatest] {
				greatest = i
			}
		}
		if least < 0 {
			short = append(short, nil, nil, nil)
			continue
		}
		short = append(short, part[min(least, greatest)], part[max(least, greatest)], part[len(part)-1])
	}
	return short
}

// pointers is a series without gaps as one that may have some.
func pointers(values []float64) []*float64 {
	all := make([]*float64, len(values))
	for i := range values {
		all[i] = &values[i]
	}
	return all
}

// values is a series with 0 for each gap.
func values(v []*float64) []float64 {
	plain := make([]float64, len(v))
	for i, x := range v {
		if x != nil {
			plain[i] = *x
		}
	}
	return plain
}
