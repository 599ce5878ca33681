package check

import (
	"testing"

	"squall/sim"
	"squall/sim/record"
)

// story is a trial's records, good unless a test breaks them: three orders, one
// delivered, one without stock, one declined, and one request that was cut.
func story() (history, audit []sim.Event) {
	response := func(order string, outcome sim.Outcome) sim.Event {
		return sim.Event{Kind: sim.ClientResponse, Order: order, Outcome: outcome, Status: 202, Intended: 10, Sent: 11, At: 20}
	}
	history = []sim.Event{
		{Kind: sim.TrialStart, At: 1},
		response("a", "ok"), response("b", "ok"), response("c", "ok"), response("d", "info"),
		{Kind: sim.FaultInjected, Fault: 1, At: 30}, {Kind: sim.FaultHealed, Fault: 1, At: 40},
		{Kind: sim.FaultEvidence, Fault: 1, Verdict: sim.Pass, Detail: "seen"},
		{Kind: sim.DrainDone, At: 50}, {Kind: sim.AuditDone, At: 60},
	}
	order := func(id, state string, path ...string) {
		audit = append(audit, sim.Event{Kind: sim.AuditOrder, Order: id, SKU: 1, Qty: 1, To: state, At: 12})
		from := ""
		for _, to := range path {
			audit = append(audit, sim.Event{Kind: sim.AuditTransition, Order: id, From: from, To: to, At: 15})
			from = to
		}
	}
	order("a", "DELIVERED", "CREATED", "RESERVED", "PAID", "SHIPPED", "DELIVERED")
	order("b", "CANCELLED", "CREATED", "CANCELLED")
	order("c", "CANCELLED", "CREATED", "RESERVED", "CANCELLED")
	audit = append(audit,
		sim.Event{Kind: sim.AuditStock, SKU: 1, Initial: 2, Qty: 1},
		sim.Event{Kind: sim.AuditBinding, Src: "inventory", Message: "order.created"},
		sim.Event{Kind: sim.AuditOutbox, Src: "orders", Message: "a:order.created", Order: "a", To: "sent"},
		sim.Event{Kind: sim.AuditHandled, Src: "inventory", Message: "a:order.created", Order: "a"},
		sim.Event{Kind: sim.AuditOutbox, Src: "orders", Message: "b:order.created", Order: "b", To: "sent"},
		sim.Event{Kind: sim.AuditParked, Src: "orders", Message: "b:order.created", Key: "inventory"},
		sim.Event{Kind: sim.AuditReservation, Order: "a", SKU: 1, Qty: 1, To: "held", At: 13},
		sim.Event{Kind: sim.AuditReservation, Order: "b", SKU: 1, Qty: 1, To: "rejected"},
		sim.Event{Kind: sim.AuditReservation, Order: "c", SKU: 1, Qty: 1, To: "released"},
		sim.Event{Kind: sim.AuditStockChange, Order: "a", SKU: 1, Qty: -1},
		sim.Event{Kind: sim.AuditStockChange, Order: "c", SKU: 1, Qty: -1},
		sim.Event{Kind: sim.AuditStockChange, Order: "c", SKU: 1, Qty: 1},
		sim.Event{Kind: sim.AuditLedger, Order: "a", Key: "a", To: "captured", At: 14},
		sim.Event{Kind: sim.AuditLedger, Order: "c", Key: "c", To: "declined"},
		sim.Event{Kind: sim.AuditShipment, Order: "a", To: "delivered", At: 16},
	)
	return history, audit
}

// without returns the events that do not match.
func without(events []sim.Event, match func(sim.Event) bool) []sim.Event {
	var kept []sim.Event
	for _, e := range events {
		if !match(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

func kind(k string) func(sim.Event) bool { return func(e sim.Event) bool { return e.Kind == k } }

func judged(history, audit []sim.Event) map[string]sim.Invariant {
	rec := record.NewTrialRecord()
	for _, e := range history {
		rec.Add(e)
	}
	for _, e := range audit {
		rec.AddAudit(e)
	}
	rec.Finish()
	byName := map[string]sim.Invariant{}
	for _, inv := range Judge(rec).Invariants {
		byName[inv.Name] = inv
	}
	return byName
}

func TestAGoodHistoryPasses(t *testing.T) {
	for name, inv := range judged(story()) {
		if inv.Verdict != sim.Pass {
			t.Errorf("%s: %s: %s %v", name, inv.Verdict, inv.Detail, inv.Examples)
		}
	}
}

// broken lists a history for every invariant that it must not pass.
var broken = []struct {
	name, why string
	want      sim.Verdict
	breakIt   func(history, audit []sim.Event) ([]sim.Event, []sim.Event)
}{
	{"no-loss", "an accepted order is not there", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return append(h, sim.Event{Kind: sim.ClientResponse, Order: "x", Outcome: "ok", At: 20}), a
	}},
	{"no-loss", "an accepted order is stuck", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		for i := range a {
			if a[i].Kind == sim.AuditOrder && a[i].Order == "a" {
				a[i].To = "PAID"
			}
		}
		return h, a
	}},
	{"no-loss", "an unfinished order while the system was not at rest", sim.Unknown, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		for i := range a {
			if a[i].Kind == sim.AuditOrder && a[i].Order == "a" {
				a[i].To = "PAID"
			}
		}
		return without(h, kind(sim.DrainDone)), a
	}},
	{"no-loss", "no audit", sim.Unknown, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return without(h, kind(sim.AuditDone)), a
	}},
	{"charged-once", "two captures under two keys", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditLedger, Order: "a", Key: "a2", To: "captured"})
	}},
	{"charged-once", "two captures for an order that was cut half-way", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditOrder, Order: "d", To: "RESERVED", At: 12},
			sim.Event{Kind: sim.AuditLedger, Order: "d", Key: "d", To: "captured"},
			sim.Event{Kind: sim.AuditLedger, Order: "d", Key: "d2", To: "captured"})
	}},
	{"all-or-none", "a charge without an order", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditOrder, Order: "d", To: "RESERVED", At: 12},
			sim.Event{Kind: sim.AuditLedger, Order: "d", Key: "d", To: "captured"})
	}},
	{"charged-once", "a charge for a cancelled order", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditLedger, Order: "b", Key: "b", To: "captured"})
	}},
	{"charged-once", "a delivery that nobody paid for", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, without(a, kind(sim.AuditLedger))
	}},
	{"no-oversell", "the log dips below nothing, and comes back", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditStockChange, Order: "z", SKU: 1, Qty: -2},
			sim.Event{Kind: sim.AuditStockChange, Order: "z", SKU: 1, Qty: 2})
	}},
	{"stock-conserved", "a lost update: the row is not what the log says", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditStockChange, Order: "z", SKU: 1, Qty: -1})
	}},
	{"stock-conserved", "a reservation without its stock", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditReservation, Order: "z", SKU: 1, Qty: 1, To: "held"})
	}},
	{"stock-conserved", "a shipment without a reservation", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditShipment, Order: "b", To: "sent"})
	}},
	{"legal-transitions", "a step is left out", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditOrder, Order: "y", To: "PAID", At: 12},
			sim.Event{Kind: sim.AuditTransition, Order: "y", To: "CREATED"},
			sim.Event{Kind: sim.AuditTransition, Order: "y", From: "CREATED", To: "PAID"})
	}},
	{"legal-transitions", "the log ends elsewhere", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditOrder, Order: "y", To: "PAID", At: 12},
			sim.Event{Kind: sim.AuditTransition, Order: "y", To: "CREATED"})
	}},
	{"no-phantom", "stock is held for an order that nobody sent", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditReservation, Order: "ghost", SKU: 1, Qty: 1, To: "held"})
	}},
	{"fail-has-no-effect", "a refused order is there", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return append(h, sim.Event{Kind: sim.ClientResponse, Order: "r", Outcome: "fail", Status: 400, At: 20}),
			append(a, sim.Event{Kind: sim.AuditOrder, Order: "r", To: "CREATED", At: 12})
	}},
	{"all-or-none", "an order was cut half-way, and its stock is held", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, append(a, sim.Event{Kind: sim.AuditOrder, Order: "d", To: "RESERVED", At: 12},
			sim.Event{Kind: sim.AuditReservation, Order: "d", SKU: 1, Qty: 1, To: "held"})
	}},
	{"all-or-none", "an order was half-way while the system was not at rest", sim.Unknown, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return without(h, kind(sim.DrainDone)), append(a, sim.Event{Kind: sim.AuditOrder, Order: "d", To: "RESERVED", At: 12})
	}},
	{"causal", "shipped before the capture", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		for i := range a {
			if a[i].Kind == sim.AuditLedger && a[i].Order == "a" {
				a[i].At = 17
			}
		}
		return h, a
	}},
	{"causal", "a declined order keeps its stock", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		for i := range a {
			if a[i].Kind == sim.AuditReservation && a[i].Order == "c" {
				a[i].To = "held"
			}
		}
		return h, a
	}},
	{"causal", "delivered, says one, and nobody shipped it", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, without(a, kind(sim.AuditShipment))
	}},
	{"messages-conserved", "a confirmed message that nobody handled", sim.Fail, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return h, without(a, kind(sim.AuditHandled))
	}},
	{"messages-conserved", "a confirmed message on its way", sim.Unknown, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return without(h, kind(sim.DrainDone)), without(a, kind(sim.AuditParked))
	}},
	{"quiescent", "the drain met its deadline", sim.Unknown, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return append(without(h, kind(sim.DrainDone)), sim.Event{Kind: sim.DrainDeadline, Values: map[string]float64{"outbox": 3}}), a
	}},
	{"fault-evident", "no evidence", sim.Unknown, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return without(h, kind(sim.FaultEvidence)), a
	}},
	{"fault-evident", "it could not be healed", sim.Unknown, func(h, a []sim.Event) ([]sim.Event, []sim.Event) {
		return append(h, sim.Event{Kind: sim.FaultFailed, Fault: 1, Detail: "heal: no"}), a
	}},
}

// An order that stopped because its message is parked is not lost: no-loss
// passes, and says so.
func TestParkedIsNotLost(t *testing.T) {
	h, a := story()
	for i := range a {
		if a[i].Kind == sim.AuditOrder && a[i].Order == "b" {
			a[i].To = "CREATED"
		}
	}
	if inv := judged(h, a)["no-loss"]; inv.Verdict != sim.Pass || inv.Detail != "1 orders are parked" {
		t.Errorf("%+v", inv)
	}
}

func TestBrokenHistoriesDoNotPass(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range broken {
		covered[c.name] = true
		t.Run(c.name+"/"+c.why, func(t *testing.T) {
			h, a := story()
			inv := judged(c.breakIt(h, a))[c.name]
			if inv.Verdict != c.want {
				t.Errorf("verdict %s (%s), expected %s", inv.Verdict, inv.Detail, c.want)
			}
			if c.want == sim.Fail && (inv.Violations == 0 || len(inv.Examples) == 0) {
				t.Errorf("a failure without an example: %+v", inv)
			}
		})
	}
	for _, c := range All() {
		if !covered[c.Name] {
			t.Errorf("no broken history for %s", c.Name)
		}
	}
}

func TestACrashedCheckIsUnknown(t *testing.T) {
	inv := judge(Check{Name: "x", Judge: func(*record.TrialRecord, *Finding) { panic("oh") }}, record.NewTrialRecord())
	if inv.Verdict != sim.Unknown {
		t.Errorf("verdict %s, expected unknown", inv.Verdict)
	}
}
