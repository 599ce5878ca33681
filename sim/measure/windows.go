package measure

import (
	"cmp"
	"slices"

	"squall/sim"
	"squall/sim/record"
)

// predicate is something that the services should agree on about every order. It
// is false between two moments, which are both 0 where it never is. open says that
// it was still false when the trial ended.
type predicate struct {
	name, means string
	between     func(o *record.OrderRecord, end int64) (from, to int64, open bool)
}

var predicates = []predicate{
	{
		"captured-not-paid", "the provider captured the amount, and the order did not say PAID",
		func(o *record.OrderRecord, end int64) (int64, int64, bool) {
			return gap(o.CapturedAt, reached(o, sim.StatePaid), end)
		},
	},
	{
		"held-for-cancelled", "the order was CANCELLED, and stock was held for it",
		func(o *record.OrderRecord, end int64) (int64, int64, bool) {
			if o.HeldAt == 0 {
				return 0, 0, false
			}
			return gap(reached(o, sim.StateCancelled), o.ReleasedAt, end)
		},
	},
	{
		"shipped-not-paid", "shipping had sent the order, and it did not say PAID",
		func(o *record.OrderRecord, end int64) (int64, int64, bool) {
			return gap(o.ShippedAt, reached(o, sim.StatePaid), end)
		},
	},
}

// gap is the time from one moment to another that should be no later. Where the
// second never came, the gap lasts until the trial's end.
func gap(from, to, end int64) (int64, int64, bool) {
	switch {
	case from == 0, to > 0 && to <= from:
		return 0, 0, false
	case to == 0:
		return from, max(from, end), true
	}
	return from, to, false
}

// reached returns when an order took a state, 0 for never.
func reached(o *record.OrderRecord, state sim.State) int64 {
	for _, s := range o.Steps {
		if s.To() == state {
			return s.At
		}
	}
	return 0
}

// windows computes, for each predicate, how often, how long and for how many
// orders at once it was false. The moments are those inside the transactions.
func windows(rec *record.TrialRecord) []sim.Window {
	var all []sim.Window
	for _, p := range predicates {
		w := sim.Window{Name: p.name, Means: p.means}
		var edges []edge
		for _, o := range rec.Orders {
			from, to, open := p.between(o, rec.End)
			if from == to {
				continue
			}
			w.Count++
			if open {
				w.Open++
			}
			ms := float64(to-from) / 1e6
			w.SumMS += ms
			w.LongestMS = max(w.LongestMS, ms)
			edges = append(edges, edge{from, 1}, edge{to, -1})
		}
		w.PeakAtOnce = peak(edges)
		all = append(all, w)
	}
	return all
}

// edge is the beginning (+1) or end (-1) of a window.
type edge struct {
	at     int64
	change int
}

// peak is the largest number of windows open at once. Where one ends as another
// begins, they do not count together.
func peak(edges []edge) (highest int) {
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.change, b.change)) })
	open := 0
	for _, e := range edges {
		open += e.change
		highest = max(highest, open)
	}
	return highest
}
