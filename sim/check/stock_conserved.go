package check

import (
	"cmp"
	"slices"

	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "stock-conserved",
		Promise: "first stock = on hand + held for orders (shipped ones included), for every SKU",
		Judge:   stockConserved,
	})
}

// stockConserved compares three accounts of each SKU that are kept apart: the
// stock row, the sum of the log, and the reservations that are held. A
// reservation stays held when its order ships, so what left the house is part
// of what is held. Linear in orders and SKUs; sorts the SKUs.
func stockConserved(l *record.Ledger, f *Finding) {
	if !needAudit(l, f) {
		return
	}
	for _, s := range stockInOrder(l) {
		if s.OnHand != s.Logged {
			f.Violation("", "SKU %d: %d on hand, but its log adds up to %d", s.SKU, s.OnHand, s.Logged)
		}
		if s.OnHand+s.Held != s.Initial {
			f.Violation("", "SKU %d: %d on hand + %d held = %d, and it began with %d", s.SKU, s.OnHand, s.Held, s.OnHand+s.Held, s.Initial)
		}
	}
	for _, o := range l.Orders {
		if o.Shipment != "" && o.Reservation != "held" {
			f.Violation(o.ID, "it was shipped, and its reservation is %q", o.Reservation)
		}
	}
}

func stockInOrder(l *record.Ledger) []*record.StockFacts {
	all := make([]*record.StockFacts, 0, len(l.Stock))
	for _, s := range l.Stock {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *record.StockFacts) int { return cmp.Compare(a.SKU, b.SKU) })
	return all
}
