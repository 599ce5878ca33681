package reports

import (
	"fmt"
	"slices"
	"strings"

	"squall/sim"
)

// waterfall is one order's way through the services.
type waterfall struct {
	Trial string
	sim.Example
	Steps []waterfallStep
}

// waterfallStep is one event. Its bar on the page spans the time since the event
// before: From is where the bar begins and Width how wide it is, both in percent of
// the time from the first event to the last.
type waterfallStep struct {
	At     string // since the request was due
	Src    string
	What   string
	Detail string
	Colour string // of the service
	From   float64
	Width  float64
}

// orderList is orders worth looking at, for one reason.
type orderList struct {
	Title string
	Falls []waterfall
}

// orderLists are the orders that stand out, and those that broke an invariant.
func orderLists(all []*sim.VariantResult) []orderList {
	lists := []orderList{
		{"Slowest answers", waterfalls(all, func(t *sim.TrialResult) []sim.Example { return t.Slowest })},
		{"Longest until the services agreed", waterfalls(all, func(t *sim.TrialResult) []sim.Example { return t.Delayed })},
	}
	var broken []string
	for _, v := range all {
		for _, inv := range v.Audit.Invariants {
			if inv.Violations > 0 && !slices.Contains(broken, inv.Name) {
				broken = append(broken, inv.Name)
			}
		}
	}
	for _, name := range broken {
		lists = append(lists, orderList{"Broke " + name, waterfalls(all, func(t *sim.TrialResult) []sim.Example { return offenders(t, name) })})
	}
	return lists
}

// offenders are the orders that broke an invariant, as far as their events are
// kept.
func offenders(t *sim.TrialResult, invariant string) (all []sim.Example) {
	for _, inv := range t.Audit.Invariants {
		for _, e := range inv.Examples {
			if inv.Name == invariant && len(e.Events) > 0 {
				all = append(all, e)
			}
		}
	}
	return all
}

// waterfalls lays out the orders of a kind, of every variant's first trial that
// has any.
func waterfalls(all []*sim.VariantResult, of func(*sim.TrialResult) []sim.Example) (falls []waterfall) {
	for _, v := range all {
		for _, t := range v.Trials {
			examples := of(t)
			for _, e := range examples {
				falls = append(falls, layOut(t.Trial, e))
			}
			if len(examples) > 0 {
				break
			}
		}
	}
	return falls
}

// leftOut are the kinds of events that repeat what another event says: the record
// of an order repeats its first transition.
var leftOut = map[string]bool{sim.AuditOrder: true}

// layOut makes the waterfall of an order. It begins when the request was due,
// or with the first event of an order that no client asked for.
func layOut(trial string, e sim.Example) waterfall {
	w := waterfall{Trial: trial, Example: e}
	if len(e.Events) == 0 {
		return w
	}
	from, to := e.Events[0].At, e.Events[len(e.Events)-1].At
	for _, x := range e.Events {
		if x.Kind == sim.ClientResponse {
			from = min(from, x.Intended)
		}
	}
	whole := max(float64(to-from), 1)
	before := from
	for _, x := range e.Events {
		if leftOut[x.Kind] {
			continue
		}
		start := before
		if x.Kind == sim.ClientResponse { // the client waited all the time
			start = x.Intended
		}
		w.Steps = append(w.Steps, waterfallStep{
			At: fmt.Sprintf("%.1f ms", float64(x.At-from)/1e6), Src: x.Src, What: strings.TrimPrefix(x.Kind, "audit."), Detail: eventDetail(x),
			Colour: serviceColour(x.Src), From: 100 * float64(start-from) / whole, Width: max(0.4, 100*float64(x.At-start)/whole),
		})
		before = x.At
	}
	return w
}

// serviceColours are the services in the order of their colours in a waterfall: p0,
// p1, ...
var serviceColours = []string{"orders", "inventory", "payment", "shipping", "provider"}

func serviceColour(src string) string {
	for i, name := range serviceColours {
		if strings.HasPrefix(src, name) {
			return fmt.Sprintf("p%d", i)
		}
	}
	return "soft"
}

// eventDetail is what an event holds beside its kind, as text.
func eventDetail(e sim.Event) string {
	var parts []string
	for _, p := range []string{string(e.Outcome), e.Message, e.Detail} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if e.Key != "" && e.Key != e.Order {
		parts = append(parts, e.Key)
	}
	if e.Status > 0 {
		parts = append(parts, fmt.Sprintf("status %d", e.Status))
	}
	if e.From != "" || e.To != "" {
		parts = append(parts, strings.TrimPrefix(e.From+" → ", " → ")+e.To)
	}
	if e.Qty != 0 {
		parts = append(parts, fmt.Sprintf("quantity %d", e.Qty))
	}
	return strings.Join(parts, ", ")
}
