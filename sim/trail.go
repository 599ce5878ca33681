package sim

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
)

// trailOrders and trailEvents bound what Trails keeps: the orders of an
// invariant, and the events of an order.
const (
	trailOrders = 3
	trailEvents = 60
)

// readBefore reports whether the last probe showed the same.
func readBefore(trail []Event, e Event) bool {
	for _, before := range slices.Backward(trail) {
		if before.Kind == ClientRead {
			return before.To == e.To && before.Outcome == e.Outcome
		}
	}
	return false
}

// Trails adds to the first examples of each violated invariant all that the
// files say of the order, by the moment at which it happened.
func Trails(history, audit string, a *Audit) error {
	trails := map[string][]Event{}
	for _, inv := range a.Invariants {
		for i, e := range inv.Examples {
			if e.Order != "" && i < trailOrders {
				trails[e.Order] = nil
			}
		}
	}
	if len(trails) == 0 {
		return nil
	}
	gather := func(e Event) error {
		order := e.Order
		if order == "" {
			order, _ = MessageType(e.Message)
		}
		trail, wanted := trails[order]
		if !wanted || len(trail) == trailEvents || e.Kind == ClientRead && readBefore(trail, e) {
			return nil
		}
		trails[order] = append(trail, e)
		return nil
	}
	for _, file := range []string{history, audit} {
		if _, err := ReadHistory(file, gather); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, inv := range a.Invariants {
		for i := range inv.Examples {
			if i < trailOrders {
				trail := trails[inv.Examples[i].Order]
				slices.SortStableFunc(trail, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
				inv.Examples[i].Events = trail
			}
		}
	}
	return nil
}
