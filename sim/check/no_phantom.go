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

// noPhantom looks for orders in anybody's records that are not in the client's.
// Linear in orders; no memory of its own.
func noPhantom(l *record.Ledger, f *Finding) {
	if !needAudit(l, f) {
		return
	}
	for _, o := range l.Orders {
		if !o.Requested && touched(o) {
			f.Violation(o.ID, "%s, and no client sent it", traces(o))
		}
	}
}
