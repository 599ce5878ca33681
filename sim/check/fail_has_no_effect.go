package check

import (
	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "fail-has-no-effect",
		Promise: "an order that was definitely refused left nothing behind",
		Judge:   failHasNoEffect,
	})
}

// failHasNoEffect holds for the outcome fail: the client may safely send such an
// order again, under another id. Linear in orders; no memory of its own.
func failHasNoEffect(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	for _, o := range rec.Orders {
		if o.Outcome == sim.OutcomeFail && touched(o) {
			f.Violation(o.ID, "it was refused with status %d, and yet %s", o.Status, traces(o))
		}
	}
}
