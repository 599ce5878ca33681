package live

import (
	"fmt"
	"strings"
	"time"

	"squall/sim"
)

// watch is what is known of a run so far: the last moment, and the gauges of the
// trial under way and of the last trial of another variant.
type watch struct {
	began time.Time
	last  sim.Progress
	now   panel
	other *panel

	// The moment from which the next sample is measured.
	since  time.Time
	counts sim.Counts
	second int // of the load
}

// panel is a trial and its samples, in the order of time.
type panel struct {
	trial, variant string
	seconds        int // that the load takes, the last one begun counted in full
	samples        []sample
}

// sample is what was measured in one second of the load.
type sample struct {
	second int // from 0
	values [gauges]float64
}

// The gauges of a trial.
const (
	gaugeOffered = iota
	gaugeAccepted
	gaugeCompleted
	gaugeP99
	gaugeErrors
	gaugeBacklog
	gauges // how many there are
)

// gaugeLabels are the names of the gauges and their units.
var gaugeLabels = [gauges]struct{ name, unit string }{
	{"offered", "/s"}, {"accepted", "/s"}, {"completed", "/s"}, {"p99", "ms"}, {"errors", "/s"}, {"backlog", ""},
}

// leastRest is how much of a second must have been measured for a sample when the
// load ends within it: the rate of a moment would mislead.
const leastRest = 500 * time.Millisecond

// take takes a moment of a trial into account. A sample is made whenever another
// second of the load is over, and one of the rest when the load ends.
func (w *watch) take(p sim.Progress, now time.Time) {
	if w.began.IsZero() {
		w.began = now
	}
	if p.Trial.Name != w.now.trial {
		w.begin(p)
	}
	ended := w.last.Step == "load" && p.Step != "load"
	w.last = p
	second := int(p.Elapsed / time.Second)
	switch {
	case p.Step == "load" && w.since.IsZero():
		w.since, w.counts, w.second = now, p.Counts, second
	case p.Step == "load" && second > w.second:
		w.sample(second-1, p, now)
		w.second = second
	case ended && !w.since.IsZero() && now.Sub(w.since) >= leastRest:
		w.sample(int(max(0, p.Elapsed-1)/time.Second), p, now)
	}
}

// begin begins to watch another trial. The one before stays beside it when it was
// of another variant.
func (w *watch) begin(p sim.Progress) {
	if w.now.trial != "" && w.now.variant != p.Trial.Variant {
		before := w.now
		w.other = &before
	}
	if w.other != nil && w.other.variant == p.Trial.Variant {
		w.other = nil
	}
	seconds := int((p.Total + time.Second - 1) / time.Second)
	w.now = panel{trial: p.Trial.Name, variant: p.Trial.Variant, seconds: seconds}
	w.since, w.last = time.Time{}, sim.Progress{}
}

// sample measures what happened since the last sample. A second of the load has
// one sample at most.
func (w *watch) sample(second int, p sim.Progress, now time.Time) {
	if n := len(w.now.samples); n > 0 && second <= w.now.samples[n-1].second {
		return
	}
	span := now.Sub(w.since).Seconds()
	if span <= 0 {
		return
	}
	perSecond := func(is, was int64) float64 { return float64(is-was) / span }
	w.now.samples = append(w.now.samples, sample{second, [gauges]float64{
		gaugeOffered:   perSecond(p.Counts.Offered, w.counts.Offered),
		gaugeAccepted:  perSecond(p.Counts.Accepted, w.counts.Accepted),
		gaugeCompleted: perSecond(p.Counts.Completed, w.counts.Completed),
		gaugeP99:       p.AcceptP99,
		gaugeErrors:    perSecond(p.Counts.Failed, w.counts.Failed),
		gaugeBacklog:   p.Backlog,
	}})
	w.since, w.counts = now, p.Counts
}

// left is how long the run will take from now on: the rest of this trial's load,
// and as long for each trial to come as those before took on average.
func (w *watch) left(now time.Time) time.Duration {
	p := w.last
	each := p.Total
	if p.TrialIndex > 0 {
		each = max(each, (now.Sub(w.began)-p.Elapsed)/time.Duration(p.TrialIndex))
	}
	return max(0, p.Total-p.Elapsed) + time.Duration(p.Trials-p.TrialIndex-1)*each
}

// sentence tells the last moment in one plain line.
func (w *watch) sentence() string {
	p := w.last
	head := fmt.Sprintf("[%d/%d] %s  ", p.TrialIndex+1, p.Trials, p.Trial.Name)
	if p.Step != "load" {
		return head + stepText(p)
	}
	var rates [gauges]float64
	if n := len(w.now.samples); n > 0 {
		rates = w.now.samples[n-1].values
	}
	s := head + fmt.Sprintf("%s %2.0f/%.0fs  %3.0f offered %3.0f accepted %3.0f completed /s  p99 %.0f ms  backlog %.0f",
		p.Phase, p.Elapsed.Seconds(), p.Total.Seconds(),
		rates[gaugeOffered], rates[gaugeAccepted], rates[gaugeCompleted], p.AcceptP99, p.Backlog)
	if p.Counts.Failed > 0 {
		s += fmt.Sprintf("  errors %d", p.Counts.Failed)
	}
	if len(p.Faults) > 0 {
		s += "  FAULT " + strings.Join(p.Faults, ", ")
	}
	return s
}

// stepText says what happens in a step other than the load.
func stepText(p sim.Progress) string {
	switch p.Step {
	case "start":
		return "starting"
	case "drain":
		return fmt.Sprintf("draining: %.0f left, %d of %d finished", p.Backlog, p.Counts.Completed, p.Counts.Accepted)
	case "audit":
		return fmt.Sprintf("reading the final records: %d", p.Audited)
	case "stop":
		return "stopping"
	}
	return p.Step
}

// values are those of one gauge, in the order of the samples.
func (x panel) values(gauge int) []float64 {
	v := make([]float64, len(x.samples))
	for i, s := range x.samples {
		v[i] = s.values[gauge]
	}
	return v
}

// highest is the highest value of a gauge, 0 before the first sample.
func (x panel) highest(gauge int) (most float64) {
	for _, s := range x.samples {
		most = max(most, s.values[gauge])
	}
	return most
}

// growing reports whether values have risen five times on end.
func growing(v []float64) bool {
	const stretch = 5
	if len(v) <= stretch {
		return false
	}
	for i := len(v) - stretch; i < len(v); i++ {
		if v[i] <= v[i-1] {
			return false
		}
	}
	return true
}
