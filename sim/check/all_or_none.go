package check

import (
	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "all-or-none",
		Promise: "an order whose outcome nobody told was done in full, cancelled in full, or never begun",
		Judge:   allOrNone,
	})
}

// allOrNone holds for the outcome info: timeouts, cut connections, 5xx. The
// client does not know what became of the order, but the services must agree about
// it. Linear in orders; no memory of its own.
func allOrNone(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	unfinished := 0
	for _, o := range rec.Orders {
		switch {
		case o.Outcome != sim.OutcomeInfo || !touched(o) || o.State.Terminal() || o.Messages.Parked != 0:
		case !rec.Drained:
			unfinished++
		default:
			f.Violation(o.ID, "%s: %s", anomaly(o), traces(o))
		}
	}
	if unfinished > 0 {
		f.Unknown("%d indeterminate orders were unfinished when the drain met its deadline", unfinished)
	}
}

// anomaly says in which way an order is half done.
func anomaly(o *record.OrderRecord) string {
	switch {
	case o.Created == 0:
		return "effects without an order"
	case o.Captures > 0 && o.Shipment != "":
		return "shipped and paid, and the order does not say so"
	case o.Captures > 0:
		return "charge without order: the customer paid and got an error"
	case o.Reservation == sim.ReservationHeld:
		return "orphaned reservation: stock is held for an order that nobody will finish"
	}
	return "stuck order: written, and never worked on"
}
