package check

import (
	"cmp"
	"slices"

	"squall/sim"
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
// reservation stays held when its order ships, so shipped stock is part of what is
// held. Linear in orders and SKUs; sorts the SKUs.
func stockConserved(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	for _, s := range stockInOrder(rec) {
		if s.OnHand != s.Logged {
			f.Violation("", "SKU %d: %d on hand, but its log adds up to %d", s.SKU, s.OnHand, s.Logged)
		}
		if s.OnHand+s.Held != s.Initial {
			f.Violation("", "SKU %d: %d on hand + %d held = %d, and it began with %d", s.SKU, s.OnHand, s.Held, s.OnHand+s.Held, s.Initial)
		}
	}
	for _, o := range rec.Orders {
		if o.Shipment != "" && o.Reservation != sim.ReservationHeld {
			f.Violation(o.ID, "it was shipped, and its reservation is %q", o.Reservation)
		}
	}
}

func stockInOrder(rec *record.TrialRecord) []*record.StockRecord {
	all := make([]*record.StockRecord, 0, len(rec.Stock))
	for _, s := range rec.Stock {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *record.StockRecord) int { return cmp.Compare(a.SKU, b.SKU) })
	return all
}
