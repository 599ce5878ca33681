package measure

import (
	"squall/sim"
	"squall/sim/record"
)

// moments are the points of the t-visibility curve, in milliseconds.
var moments = []float64{0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000}

// visibility computes what readers saw of the orders that were probed:
//
//	visibility lag  first read from which on every read shows the terminal
//	                state - the client's answer; known only to lie between the
//	                last read that did not show it and the first that did, and
//	                given as the later of the two. Orders that never showed it
//	                are censored at their last read.
//	stale read      it showed a state after a later one had been committed, and
//	                told, before the read was asked for
//	age             of a stale read: asked - the telling of the state after the
//	                one it showed
//	monotonic       a read shows an earlier state than the read before it
//	read your write a read after the answer to an accepted order says that there
//	                is no such order
//	t-visibility    P(a read asked for t after the terminal state was told shows
//	                it), by the reads between one moment and the next
//
// t-visibility follows Bailis et al., Probabilistically Bounded Staleness for
// Practical Partial Quorums, VLDB 2012, section 3.3; the session guarantees are
// those of Terry et al., PDIS 1994.
func visibility(rec *record.TrialRecord, every float64) sim.Visibility {
	v := sim.Visibility{EveryMS: every}
	lag, width, age := newSurvival(), newHistogram(), newHistogram()
	curve := make([]sim.CurvePoint, len(moments))
	for i, m := range moments {
		curve[i].FromMS = m
	}
	for _, o := range rec.Orders {
		if !seeable(o) {
			continue
		}
		v.Orders++
		seeOrder(o, lag, width)
		for i, r := range o.Probed.Reads {
			v.Reads++
			if since := stale(o, r); since > 0 {
				v.Stale++
				age.add(since)
			}
			if i > 0 && r.State.Rank() < o.Probed.Reads[i-1].State.Rank() && r.Asked >= o.Probed.Reads[i-1].Answered {
				v.NonMonotonic++
			}
			if r.State == "" && o.Outcome == sim.OutcomeOK && r.Asked >= o.Answered {
				v.LostWrites++
			}
			point(curve, o, r)
		}
	}
	v.Lag, v.Curve = lag.convergence(), curve
	v.ProbeError, v.Age = width.latency(), age.latency()
	return v
}

// seeable reports whether an order was read, and could be seen: it was accepted, or
// the orders service has a record of it.
func seeable(o *record.OrderRecord) bool {
	return o.Requested && o.Probed != nil && len(o.Probed.Reads) > 0 && (o.Outcome == sim.OutcomeOK || o.Created > 0)
}

// firstSeen is the number of the read from which on every read shows an order's
// terminal state; the count of reads when the last does not.
func firstSeen(o *record.OrderRecord) int {
	first := len(o.Probed.Reads)
	for first > 0 && o.Probed.Reads[first-1].State.Terminal() {
		first--
	}
	return first
}

// seen returns an order's visibility lag in nanoseconds. It is censored when the
// last read did not show the terminal state: then it is known to be longer.
func seen(o *record.OrderRecord) (ns int64, censored bool) {
	reads, first := o.Probed.Reads, firstSeen(o)
	censored = first == len(reads)
	return max(0, reads[min(first, len(reads)-1)].Answered-o.Answered), censored
}

// seeOrder adds the visibility lag of an order, and by how much it may be too long.
func seeOrder(o *record.OrderRecord, lag survival, width histogram) {
	ns, censored := seen(o)
	lag.add(ns, censored)
	if censored {
		return
	}
	reads, first := o.Probed.Reads, firstSeen(o)
	before := o.Answered
	if first > 0 {
		before = reads[first-1].Asked
	}
	width.add(max(0, reads[first].Answered-max(before, o.Answered)))
}

// stale returns how long before a read was asked for the state after the one it
// showed had been told, 0 for a fresh read.
func stale(o *record.OrderRecord, r record.Read) (since int64) {
	for state, told := range o.Probed.Told {
		if state.Rank() > r.State.Rank() && told < r.Asked {
			since = max(since, r.Asked-told)
		}
	}
	return since
}

// point adds a read to the t-visibility curve.
func point(curve []sim.CurvePoint, o *record.OrderRecord, r record.Read) {
	told := int64(0)
	for state, at := range o.Probed.Told {
		if state.Terminal() {
			told = at
		}
	}
	if told == 0 || r.Asked < told {
		return
	}
	t := float64(r.Asked-told) / 1e6
	i := len(curve) - 1
	for curve[i].FromMS > t {
		i--
	}
	curve[i].Reads++
	if r.State.Terminal() {
		curve[i].Fresh++
	}
}
