package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ConditionsError says that two runs were not made under the same conditions.
type ConditionsError struct{ Changed []string }

func (e *ConditionsError) Error() string {
	return "the two were not run under the same conditions (--across compares them all the same):\n  " + strings.Join(e.Changed, "\n  ")
}

// changed lists the conditions that are not the same. The revision of squall and of
// the system is none of them, since it is what is compared.
func changed(base, head Baseline) (all []string) {
	differ := func(what, a, b string) {
		if a != b {
			all = append(all, fmt.Sprintf("%s: %s, then %s", what, orNone(a), orNone(b)))
		}
	}
	differ("scenario", base.Scenario, head.Scenario)
	if base.Scenario == head.Scenario {
		differ("what the scenario says", base.Digest, head.Digest)
	}
	differ("machine", base.Class, head.Class)
	differ("backing", base.Backing, head.Backing)
	for _, server := range union(base.Servers, head.Servers) {
		differ(server, base.Servers[server], head.Servers[server])
	}
	differ("go", base.Versions["go"], head.Versions["go"])
	return all
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// union returns the keys of both, sorted.
func union(a, b map[string]string) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
