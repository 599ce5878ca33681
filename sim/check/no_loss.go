package check

import (
	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "no-loss",
		Promise: "every order that a client was promised reaches a terminal state",
		Judge:   noLoss,
	})
}

// noLoss holds for orders whose outcome is ok. Parked orders, and those of which
// a message is parked, are reported apart: a person has to look at them, but
// they are not lost. Linear in orders.
func noLoss(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	parked, unfinished := 0, 0
	for _, o := range rec.Orders {
		if o.Outcome != sim.OutcomeOK {
			continue
		}
		switch {
		case o.Created == 0:
			f.Violation(o.ID, "it was accepted with status %d, and the orders service does not know it", o.Status)
		case o.SetAside():
			parked++
		case o.State.Terminal():
		case !rec.Drained:
			unfinished++
		default:
			f.Violation(o.ID, "it was accepted, and is still %s with nothing left on its way", o.State)
		}
	}
	if unfinished > 0 {
		f.Unknown("%d accepted orders were unfinished when the drain met its deadline", unfinished)
	}
	if parked > 0 {
		f.Note("%d orders are parked", parked)
	}
}
