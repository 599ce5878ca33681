package record

import (
	"cmp"
	"slices"
	"strings"

	"squall/sim"
)

// timelineOrders is how many orders of an invariant are shown with their events at
// most, and timelineEvents how many events of an order.
const (
	timelineOrders = 3
	timelineEvents = 60
)

// readBefore reports whether the last probe of a timeline showed the same state.
func readBefore(timeline []sim.Event, e sim.Event) bool {
	for _, before := range slices.Backward(timeline) {
		if before.Kind == sim.ClientRead {
			return before.To == e.To && before.Outcome == e.Outcome
		}
	}
	return false
}

// worthTimelines returns the orders of a trial that are shown with all their events:
// the first examples of each violated invariant, the slowest, and those that were
// delayed most.
func worthTimelines(r *sim.TrialResult) (all []*sim.Example) {
	for _, inv := range r.Audit.Invariants {
		for i := range inv.Examples[:min(timelineOrders, len(inv.Examples))] {
			all = append(all, &inv.Examples[i])
		}
	}
	for _, list := range [][]sim.Example{r.Slowest, r.Delayed} {
		for i := range list {
			all = append(all, &list[i])
		}
	}
	return slices.DeleteFunc(all, func(e *sim.Example) bool { return e.Order == "" })
}

// AddTimelines adds to some orders of a trial every event that its files have of
// them, in the order of time. seed is the scenario's.
func AddTimelines(r *sim.TrialResult, history, audit string, seed uint64) error {
	examples := worthTimelines(r)
	timelines, traces := map[string][]sim.Event{}, map[string]string{}
	for _, e := range examples {
		timelines[e.Order] = nil
	}
	if len(timelines) == 0 {
		return nil
	}
	gather := func(e sim.Event) error {
		order := e.Order
		if order == "" {
			order, _ = MessageType(e.Message)
		}
		timeline, wanted := timelines[order]
		if !wanted || len(timeline) == timelineEvents || e.Kind == sim.ClientRead && readBefore(timeline, e) {
			return nil
		}
		if e.Kind == sim.ClientResponse {
			_, rest, _ := strings.Cut(sim.Trace(seed, e.Seq), "-")
			traces[order], _, _ = strings.Cut(rest, "-")
		}
		timelines[order] = append(timeline, e)
		return nil
	}
	if _, err := ReadHistory(history, gather); err != nil {
		return err
	}
	// Why an audit cannot be read is told by ReadTrial; what it has until then is
	// shown.
	_, _ = ReadHistory(audit, gather)
	for _, timeline := range timelines {
		slices.SortStableFunc(timeline, func(a, b sim.Event) int { return cmp.Compare(a.At, b.At) })
	}
	for _, e := range examples {
		e.Events, e.Trace = timelines[e.Order], traces[e.Order]
	}
	return nil
}
