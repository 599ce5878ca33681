package check

import (
	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "legal-transitions",
		Promise: "an order goes CREATED, RESERVED, PAID, SHIPPED, DELIVERED, or to CANCELLED from one of the first two",
		Judge:   legalTransitions,
	})
}

// legal holds the transitions that the check allows. It is kept apart from the
// pipeline's own table of transitions, so that a bug there is seen.
var legal = map[[2]sim.State]bool{
	{"", sim.StateCreated}:                  true,
	{sim.StateCreated, sim.StateReserved}:   true,
	{sim.StateCreated, sim.StateCancelled}:  true,
	{sim.StateReserved, sim.StatePaid}:      true,
	{sim.StateReserved, sim.StateCancelled}: true,
	{sim.StatePaid, sim.StateShipped}:       true,
	{sim.StateShipped, sim.StateDelivered}:  true,
	{sim.StateCreated, sim.StateParked}:     true,
	{sim.StateReserved, sim.StateParked}:    true,
	{sim.StatePaid, sim.StateParked}:        true,
	{sim.StateShipped, sim.StateParked}:     true,
}

// legalTransitions follows each order's log: it must be a chain of legal steps
// that ends at the order's state. Linear in transitions; no memory of its own.
func legalTransitions(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	for _, o := range rec.Orders {
		at := sim.State("")
		for _, s := range o.Steps {
			if s.From() != at {
				f.Violation(o.ID, "its log goes from %q to %q when it was %q", s.From(), s.To(), at)
			} else if !legal[[2]sim.State{s.From(), s.To()}] {
				f.Violation(o.ID, "it went from %q to %q", s.From(), s.To())
			}
			at = s.To()
		}
		if at != o.State {
			f.Violation(o.ID, "it is %q, and its log ends at %q", o.State, at)
		}
	}
}
