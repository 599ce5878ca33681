package check

import (
	"slices"

	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "fault-evident",
		Promise: "each fault was seen to take hold, and was healed",
		Judge:   faultEvident,
	})
}

// faultEvident never fails: where a fault did not take hold, the system was not
// tested, and nothing is known of it. Linear in faults.
func faultEvident(rec *record.TrialRecord, f *Finding) {
	var numbers []int
	for n := range rec.Faults {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		fault := rec.Faults[n]
		if fault.NotApplicable {
			continue
		}
		for _, why := range fault.Failed {
			f.Unknown("fault %d: %s", n, why)
		}
		if fault.Evidence.Verdict != sim.Pass {
			f.Unknown("fault %d: %s", n, fault.Evidence.Text)
		}
	}
}
