package measure

import (
	"maps"
	"math"
	"slices"
	"time"

	"squall/sim"
	"squall/sim/record"
)

// buckets holds the latencies of each second, in nanoseconds: a second has few,
// and a histogram for each would take more room than all of them.
type buckets [][]int64

func (b buckets) add(rec *record.TrialRecord, at, ns int64) {
	if i := int((at - rec.Start) / int64(time.Second)); i >= 0 && i < len(b) {
		b[i] = append(b[i], ns)
	}
}

// sort prepares for quantiles.
func (b buckets) sort() {
	for _, values := range b {
		slices.Sort(values)
	}
}

func (b buckets) empty() bool {
	return !slices.ContainsFunc(b, func(values []int64) bool { return len(values) > 0 })
}

// quantiles returns the smallest latency of each second, in milliseconds, that a
// share q of its latencies does not exceed; nil for a second without any.
func (b buckets) quantiles(q float64) []*float64 {
	ms := make([]*float64, len(b))
	for i, values := range b {
		if n := len(values); n > 0 {
			rank := max(1, int(math.Ceil(q*float64(n))))
			v := math.Round(float64(values[rank-1])/1e3) / 1e3
			ms[i] = &v
		}
	}
	return ms
}

// series computes the figures per second, from the start to the trial's end.
func series(rec *record.TrialRecord) sim.Series {
	n := max(1, int((rec.End-rec.Start)/int64(time.Second))+1)
	s := sim.Series{
		Offered: make([]float64, n), Accepted: make([]float64, n), Completed: make([]float64, n), Failed: make([]float64, n),
		Backlog: map[string][]float64{}, CPU: map[string][]float64{}, RSS: map[string][]float64{},
	}
	count := func(values []float64, at int64) {
		if i := int((at - rec.Start) / int64(time.Second)); at >= rec.Start && i < n {
			values[i]++
		}
	}
	accept, service, lag, visible := make(buckets, n), make(buckets, n), make(buckets, n), make(buckets, n)
	for _, o := range rec.Orders {
		if !o.Requested {
			continue
		}
		count(s.Offered, o.Intended)
		accept.add(rec, o.Intended, o.Answered-o.Intended)
		service.add(rec, o.Sent, o.Answered-o.Sent)
		if o.Outcome == sim.OutcomeOK {
			count(s.Accepted, o.Answered)
		} else {
			count(s.Failed, o.Answered)
		}
		if o.TerminalAt > 0 {
			count(s.Completed, o.TerminalAt)
		}
		if ns, _, counts := convergence(o, rec.End); counts {
			lag.add(rec, o.Answered, ns)
		}
		if seeable(o) {
			ns, _ := seen(o)
			visible.add(rec, o.Answered, ns)
		}
	}
	for _, b := range []buckets{accept, service, lag, visible} {
		b.sort()
	}
	s.AcceptP50, s.AcceptP90 = accept.quantiles(0.5), accept.quantiles(0.9)
	s.AcceptP99, s.AcceptMax = accept.quantiles(0.99), accept.quantiles(1)
	s.ServiceP50, s.ServiceP99 = service.quantiles(0.5), service.quantiles(0.99)
	s.LagP50, s.LagP99 = lag.quantiles(0.5), lag.quantiles(0.99)
	if !visible.empty() {
		s.VisibleP50, s.VisibleP99 = visible.quantiles(0.5), visible.quantiles(0.99)
	}
	samples(rec, &s, n)
	return s
}

// samples fills in the series that were sampled: backlog by stage, CPU as
// cores in use, memory. A reading that came late stands for the seconds since
// the one before it.
func samples(rec *record.TrialRecord, s *sim.Series, n int) {
	second := func(e sim.Event) int { return int((e.At - rec.Start) / int64(time.Second)) }
	before := map[string]sim.Event{} // by source; gauges have one of their own
	put := func(series map[string][]float64, name string, from, to int, v float64) {
		if series[name] == nil {
			series[name] = make([]float64, n)
		}
		for i := max(0, from); i <= to; i++ {
			series[name][i] = v
		}
	}
	for _, e := range rec.Series {
		i := second(e)
		if e.At < rec.Start || i >= n {
			continue
		}
		from := i
		last, seen := before[e.Src+e.Kind]
		if seen {
			from = min(i, second(last)+1)
		}
		before[e.Src+e.Kind] = e
		if e.Kind == sim.Gauges {
			total := 0.0
			for _, stage := range slices.Sorted(maps.Keys(e.Values)) {
				put(s.Backlog, stage, from, i, e.Values[stage])
				if stage != sim.GaugeParked {
					total += e.Values[stage]
				}
			}
			put(s.Backlog, "total", from, i, total)
			continue
		}
		if used := e.Values["cpu_s"] - last.Values["cpu_s"]; seen && e.At > last.At && used >= 0 {
			put(s.CPU, e.Src, from, i, used/(float64(e.At-last.At)/1e9))
		}
		put(s.RSS, e.Src, from, i, e.Values["rss_bytes"])
	}
}

// resources adds up what each process and server used from its first sample to
// its last.
func resources(rec *record.TrialRecord) (total sim.ResourceUse, perSrc map[string]sim.ResourceUse) {
	first := map[string]float64{}
	perSrc = map[string]sim.ResourceUse{}
	for _, e := range rec.Series {
		if e.Kind != sim.ResourceSample {
			continue
		}
		cpu := e.Values["cpu_s"]
		if _, seen := first[e.Src]; !seen {
			first[e.Src] = cpu
		}
		u := perSrc[e.Src]
		u.CPUSeconds = max(u.CPUSeconds, cpu-first[e.Src])
		u.MaxRSSBytes = max(u.MaxRSSBytes, e.Values["rss_bytes"])
		u.MaxConnections = max(u.MaxConnections, e.Values["connections"])
		perSrc[e.Src] = u
	}
	// In one order: a sum of floats depends on it, and a result computed again
	// is to be the same to the last digit.
	for _, src := range slices.Sorted(maps.Keys(perSrc)) {
		u := perSrc[src]
		total.CPUSeconds += u.CPUSeconds
		total.MaxRSSBytes += u.MaxRSSBytes
		total.MaxConnections += u.MaxConnections
	}
	return total, perSrc
}
