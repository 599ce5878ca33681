package check

import (
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "legal-transitions",
		Promise: "an order goes CREATED, RESERVED, PAID, SHIPPED, DELIVERED, or to CANCELLED from one of the first two",
		Judge:   legalTransitions,
	})
}

// legal is written down here again, apart from the pipeline's own table: a
// judge that asks the accused for the law finds nobody guilty.
var legal = map[[2]string]bool{
	{"", "CREATED"}:           true,
	{"CREATED", "RESERVED"}:   true,
	{"CREATED", "CANCELLED"}:  true,
	{"RESERVED", "PAID"}:      true,
	{"RESERVED", "CANCELLED"}: true,
	{"PAID", "SHIPPED"}:       true,
	{"SHIPPED", "DELIVERED"}:  true,
	{"CREATED", "PARKED"}:     true,
	{"RESERVED", "PARKED"}:    true,
	{"PAID", "PARKED"}:        true,
	{"SHIPPED", "PARKED"}:     true,
}

// legalTransitions follows each order's log: it must be a chain of legal steps
// that ends at the order's state. Linear in transitions; no memory of its own.
func legalTransitions(rec *record.TrialRecord, f *Finding) {
	if !needAudit(rec, f) {
		return
	}
	for _, o := range rec.Orders {
		at := ""
		for _, s := range o.Steps {
			if s.From() != at {
				f.Violation(o.ID, "its log goes from %q to %q when it was %q", s.From(), s.To(), at)
			} else if !legal[[2]string{s.From(), s.To()}] {
				f.Violation(o.ID, "it went from %q to %q", s.From(), s.To())
			}
			at = s.To()
		}
		if at != o.State {
			f.Violation(o.ID, "it is %q, and its log ends at %q", o.State, at)
		}
	}
}
