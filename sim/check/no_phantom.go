package check

import (
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "no-phantom",
		Promise: "no service knows of an order that no client sent",
		Judge:   noPhantom,
	})
}

// noPhantom looks for orders in the records of any service that the client did not
// send.
// Linear in orders; no memory of its own.
func noPhantom(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	for _, o := range rec.Orders {
		if !o.Requested && touched(o) {
			f.Violation(o.ID, "%s, and no client sent it", traces(o))
		}
	}
}
