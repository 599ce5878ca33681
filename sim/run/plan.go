package run

import (
	"fmt"

	"squall/sim"
)

// Trials lays out the trials of a scenario: interleaved and turned round at
// every repeat (sync 1, async 1, async 2, sync 2, ...), so that a drift of the
// machine hits all variants alike.
func Trials(sc sim.Scenario) []sim.TrialInfo {
	var trials []sim.TrialInfo
	for r := 1; r <= sc.Repeats; r++ {
		for i := range sc.Variants {
			v := sc.Variants[i]
			if r%2 == 0 {
				v = sc.Variants[len(sc.Variants)-1-i]
			}
			trials = append(trials, sim.TrialInfo{Name: fmt.Sprintf("%s-%d", v, r), Variant: v, Repeat: r})
		}
	}
	return trials
}
