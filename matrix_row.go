package squall

import (
	"squall/reports"
	"squall/sim"
	"squall/system/variant"
)

// matrixRow reads a trial's result.
func matrixRow(k sim.FaultKind, line, backing string, v *sim.VariantResult) reports.MatrixRow {
	t := v.Trials[0]
	row := reports.MatrixRow{
		Fault: line, Kind: k.Name, Group: k.Group, Backing: backing, Variant: v.Variant, Applies: true,
		Verdict: t.Verdict, Evidence: t.Faults[0].Evidence, EvidenceIs: t.Faults[0].Verdict,
		DelayMS: t.Faults[0].DelayMS, HealDelayMS: t.Faults[0].HealDelayMS,
		Violations: t.Audit.Violations, Parked: t.Parked, Why: t.Reasons.String(),
		Naive: isNaive(v.Variant),
	}
	for _, inv := range t.Audit.Invariants {
		switch inv.Name {
		case "no-loss":
			row.Lost = inv.Violations
		case "charged-once":
			row.Doubled = inv.Violations
		case "no-oversell":
			row.Oversold = inv.Violations
		}
	}
	for _, s := range t.Around {
		if n := s.Accept.OK + s.Accept.Fail + s.Accept.Info; s.Position == sim.During && n > 0 {
			row.RequestsDuring, row.ErrorsDuring = n, &s.Accept.ErrorRate
		}
	}
	for _, r := range t.Recovery {
		if r.BacklogS != nil && r.LatencyS != nil {
			s := max(*r.BacklogS, *r.LatencyS)
			row.RecoveryS = &s
		}
	}
	return row
}

// isNaive reports whether faults alone make a variant break invariants.
func isNaive(name string) bool {
	w, err := variant.Find(name)
	return err == nil && w.Naive
}
