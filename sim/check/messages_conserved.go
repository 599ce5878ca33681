package check

import (
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "messages-conserved",
		Promise: "every message that the broker confirmed was handled, or set aside where a person finds it",
		Judge:   messagesConserved,
	})
}

// messagesConserved compares message ids: those confirmed to publishers, those
// in each consumer's inbox, those parked. A system without messages passes.
// Linear in messages; 24 bytes an order.
func messagesConserved(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	open := 0
	for _, o := range rec.Orders {
		rec.Unhandled(o, func(typ, service string) {
			if !rec.Drained {
				open++
				return
			}
			f.Violation(o.ID, "its %s was confirmed to the publisher, and %s neither handled it nor is it parked", typ, service)
		})
	}
	if open > 0 {
		f.Unknown("%d messages were on their way when the drain met its deadline", open)
	}
	if rec.Routing.Parked > 0 {
		f.Note("%d messages are parked", rec.Routing.Parked)
	}
}
