package squall

import (
	"slices"
	"testing"

	"squall/scenarios"
	"squall/sim/check"
	"squall/system/service"
)

func TestEveryBugHasACase(t *testing.T) {
	var invariants []string
	for _, c := range check.All() {
		invariants = append(invariants, c.Name)
	}
	for _, b := range service.Bugs() {
		i := slices.IndexFunc(selftestCases, func(k selftestCase) bool { return k.bug == b.Name })
		if i < 0 {
			t.Errorf("no case for the bug %s", b.Name)
			continue
		}
		k := selftestCases[i]
		text, file, err := scenarios.Selftest(k.scenario)
		if err != nil {
			t.Errorf("%s: %v", b.Name, err)
			continue
		}
		if _, err := scenarios.Parse(file, text, Catalog()); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
		for _, name := range k.caught {
			if !slices.Contains(invariants, name) {
				t.Errorf("%s is to be caught by %s, which is no invariant", b.Name, name)
			}
		}
	}
}
