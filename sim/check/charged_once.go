package check

import (
	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "charged-once",
		Promise: "a customer is charged once for an order that is fulfilled, and never for one that is not",
		Judge:   chargedOnce,
	})
}

// chargedOnce counts the captures in the provider's own ledger, not in the records
// of the payment service. A half-done order whose outcome nobody told is judged by
// all-or-none: here it only counts when it was charged more than once. Linear in
// orders; no memory of its own.
func chargedOnce(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	open := 0
	for _, o := range rec.Orders {
		fulfilled := o.State == sim.StateShipped || o.State == sim.StateDelivered
		switch {
		case o.Captures > 1:
			f.Violation(o.ID, "the provider captured its amount %d times", o.Captures)
		case o.Captures == 0 && fulfilled:
			f.Violation(o.ID, "it is %s, and the provider never captured anything", o.State)
		case o.Captures == 1 && o.Outcome == sim.OutcomeInfo && o.State != "" && !o.State.Terminal():
		case o.Captures == 1 && !fulfilled && !rec.Drained:
			open++
		case o.Captures == 1 && !fulfilled && o.State == "":
			f.Violation(o.ID, "the provider captured its amount, and the orders service does not know it")
		case o.Captures == 1 && !fulfilled:
			f.Violation(o.ID, "the provider captured its amount, and it is %s", o.State)
		}
	}
	if open > 0 {
		f.Unknown("%d charged orders were unfinished when the drain met its deadline", open)
	}
}
