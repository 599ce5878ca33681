package check

import (
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "no-oversell",
		Promise: "stock never goes below nothing, at any moment",
		Judge:   noOversell,
	})
}

// noOversell looks at every prefix of the stock log of each SKU, and at what
// is left. Linear in SKUs: the record keeps the lowest point of each.
func noOversell(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	for _, s := range stockInOrder(rec) {
		if s.Lowest < 0 {
			f.Violation(s.LowestOrder, "its reservation took SKU %d to %d", s.SKU, s.Lowest)
		} else if s.OnHand < 0 {
			f.Violation("", "SKU %d ends with %d on hand", s.SKU, s.OnHand)
		}
	}
}
