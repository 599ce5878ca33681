package sim

import "fmt"

// Trials lays out the trials of a scenario: interleaved and turned round at
// every repeat (sync 1, async 1, async 2, sync 2, ...), so that a drift of the
// machine hits all variants alike.
func Trials(sc Scenario) []TrialInfo {
	var trials []TrialInfo
	for r := 1; r <= sc.Repeats; r++ {
		for i := range sc.Variants {
			v := sc.Variants[i]
			if r%2 == 0 {
				v = sc.Variants[len(sc.Variants)-1-i]
			}
			trials = append(trials, TrialInfo{Name: fmt.Sprintf("%s-%d", v, r), Variant: v, Repeat: r})
		}
	}
	return trials
}
