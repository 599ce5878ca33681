package check

import (
	"fmt"
	"slices"
	"strings"

	"squall/sim"
	"squall/sim/record"
)

func init() {
	register(Check{
		Name:    "quiescent",
		Promise: "when the audit was taken, nothing was on its way any more",
		Judge:   quiescent,
	})
}

// quiescent never fails: a system that was not at rest could not be judged.
func quiescent(rec *record.TrialRecord, f *Finding) {
	if rec.Drained {
		return
	}
	if rec.Left == nil {
		f.Unknown("the trial ended before it could drain")
		return
	}
	var left []string
	for k, v := range rec.Left {
		if v > 0 && k != sim.GaugeParked {
			left = append(left, fmt.Sprintf("%s %.0f", k, v))
		}
	}
	slices.Sort(left)
	if len(left) == 0 {
		left = []string{"a process that does not answer"}
	}
	f.Unknown("the drain met its deadline with this left: %s", strings.Join(left, ", "))
}
