package measure

import (
	"time"

	"squall/sim"
	"squall/sim/record"
)

// tally gathers the figures of the requests that were due in an interval.
type tally struct {
	ok, fail, info            int
	completed                 int
	accept, service, complete histogram
	lag                       survival
	seconds                   float64
}

func newTally(length time.Duration) *tally {
	return &tally{
		accept: newHistogram(), service: newHistogram(), complete: newHistogram(), lag: newSurvival(),
		seconds: length.Seconds(),
	}
}

// add takes one order that a client sent. end is when the trial ended: what
// had not converged by then is censored.
func (t *tally) add(o *record.OrderRecord, end int64) {
	switch o.Outcome {
	case sim.OutcomeOK:
		t.ok++
	case sim.OutcomeFail:
		t.fail++
	default:
		t.info++
	}
	t.accept.add(o.Answered - o.Intended)
	t.service.add(o.Answered - o.Sent)
	if o.Outcome == sim.OutcomeOK && o.TerminalAt > 0 && o.State != sim.StateParked {
		t.completed++
		t.complete.add(o.TerminalAt - o.Intended)
	}
	if ns, censored, counts := convergence(o, end); counts {
		t.lag.add(ns, censored)
	}
}

// convergence returns an order's convergence lag in nanoseconds:
//
//	max(0, last commit for the order - the client's answer)
//
// An order that is not in a terminal state has not converged: its lag is the
// time until the trial's end, and it is censored. That is so for indeterminate
// requests, too: their customers got an error, and the services have a part of the
// order. A request that had no effect at all has nothing that could converge.
func convergence(o *record.OrderRecord, end int64) (ns int64, censored, counts bool) {
	switch {
	case o.Outcome == sim.OutcomeFail, o.Created == 0 && o.LastCommit == 0:
		return 0, false, false
	case !o.State.Terminal():
		return max(0, end-o.Answered), true, true
	}
	return max(0, o.LastCommit-o.Answered), false, true
}

func (t *tally) sum() sim.Accept {
	a := sim.Accept{OK: t.ok, Fail: t.fail, Info: t.info, Latency: t.accept.latency()}
	if n := t.ok + t.fail + t.info; n > 0 {
		a.ErrorRate = float64(t.fail+t.info) / float64(n)
	}
	return a
}

func (t *tally) lags() sim.Lag {
	return sim.Lag{Convergence: t.lag.convergence()}
}

func (t *tally) rates() sim.Throughput {
	if t.seconds <= 0 {
		return sim.Throughput{}
	}
	return sim.Throughput{
		Offered:   float64(t.ok+t.fail+t.info) / t.seconds,
		Accepted:  float64(t.ok) / t.seconds,
		Completed: float64(t.completed) / t.seconds,
	}
}

// interval is a part of the load with the figures of what was due in it.
type interval struct {
	sim.Interval
	from, to int64
	*tally
}

func newInterval(rec *record.TrialRecord, name string, from, to time.Duration) *interval {
	to = max(from, to)
	return &interval{
		Interval: sim.Interval{Name: name, From: from.Seconds(), To: to.Seconds()},
		from:     rec.Start + int64(from), to: rec.Start + int64(to), tally: newTally(to - from),
	}
}

func (w *interval) offer(o *record.OrderRecord, end int64) {
	if o.Intended >= w.from && o.Intended < w.to {
		w.add(o, end)
	}
}

// result returns the interval's figures without the histograms, which are only kept
// for what is added up over trials.
func (w *interval) result() sim.Interval {
	s := w.Interval
	s.Accept, s.Complete, s.Lag, s.Throughput = w.sum(), w.complete.latency(), w.lags(), w.rates()
	s.Accept.Packed, s.Complete.Packed, s.Lag.Convergence.Packed, s.Lag.Convergence.CensoredPacked = "", "", "", ""
	return s
}

// phases returns an interval for each phase.
func phases(rec *record.TrialRecord, load sim.Load) []*interval {
	var all []*interval
	var at time.Duration
	for _, p := range load.Phases {
		w := newInterval(rec, p.Name, at, at+p.For)
		w.Discard = p.Discard
		all = append(all, w)
		at += p.For
	}
	return all
}

// aroundFault is how much before and after a fault is looked at, at most.
const aroundFault = 10 * time.Second

// aroundFaults is how many faults have intervals around them at most: a long
// scenario has hundreds of faults, and each takes three sets of histograms.
const aroundFaults = 24

// around returns the intervals before, during and after each fault.
func around(rec *record.TrialRecord, sc sim.Scenario) []*interval {
	var all []*interval
	end := sc.Load.Duration()
	for i, f := range sc.Faults {
		fact := rec.Faults[i+1]
		if fact == nil || fact.Injected == 0 || len(all) == 3*aroundFaults {
			continue
		}
		name := f.Kind + " " + f.Target
		from := time.Duration(fact.Begun - rec.Start)
		to := end
		if fact.Healed > 0 {
			to = min(end, time.Duration(fact.Healed-rec.Start))
		}
		for _, w := range []struct {
			position sim.Position
			from, to time.Duration
		}{
			{sim.Before, max(0, from-aroundFault), from},
			{sim.During, from, to},
			{sim.After, to, min(end, to+aroundFault)},
		} {
			one := newInterval(rec, string(w.position)+" "+name, w.from, w.to)
			one.Fault, one.Position = i+1, w.position
			all = append(all, one)
		}
	}
	return all
}
