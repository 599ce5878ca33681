package check

import (
	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "causal",
		Promise: "nothing ships without stock and payment before it, and what is cancelled gives its stock back",
		Judge:   causal,
	})
}

// causal compares the records of the services with each other, and the moments
// at which they took effect. Linear in orders; no memory of its own.
func causal(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	for _, o := range rec.Orders {
		paid := o.State == sim.StatePaid || o.State == sim.StateShipped || o.State == sim.StateDelivered
		switch {
		case o.Shipment != "" && o.Captures == 0:
			f.Violation(o.ID, "it was shipped, and nothing was ever captured for it")
		case o.Shipment != "" && o.Reservation == "":
			f.Violation(o.ID, "it was shipped, and no stock was ever reserved for it")
		case o.Shipment != "" && o.ShippedAt < o.CapturedAt:
			f.Violation(o.ID, "it was shipped %s before its payment was captured", span(o.CapturedAt-o.ShippedAt))
		case o.CapturedAt > 0 && o.HeldAt > o.CapturedAt:
			f.Violation(o.ID, "its payment was captured %s before its stock was reserved", span(o.HeldAt-o.CapturedAt))
		case paid && o.Captures == 0:
			f.Violation(o.ID, "it is %s, and nothing was ever captured for it", o.State)
		case (o.State == sim.StateShipped || o.State == sim.StateDelivered) && o.Shipment == "":
			f.Violation(o.ID, "it is %s, and was never shipped", o.State)
		case o.State == sim.StateCancelled && o.Reservation == sim.ReservationHeld:
			f.Violation(o.ID, "it is CANCELLED, and its stock is still held")
		}
	}
}
