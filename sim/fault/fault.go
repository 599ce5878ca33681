package fault

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"squall/sim"
)

var registry = map[string]sim.FaultKind{}

func register(k sim.FaultKind) {
	if _, twice := registry[k.Name]; twice {
		panic("fault: two kinds named " + k.Name)
	}
	registry[k.Name] = k
}

// Kinds returns every kind of fault, by name.
func Kinds() map[string]sim.FaultKind { return maps.Clone(registry) }

// Sorted returns every kind of fault by group, in the order of their names.
func Sorted() []sim.FaultKind {
	var all []sim.FaultKind
	for _, k := range registry {
		all = append(all, k)
	}
	group := func(k sim.FaultKind) int {
		return slices.IndexFunc(sim.FaultGroups, func(g struct{ Name, Colour string }) bool { return g.Name == k.Group })
	}
	slices.SortFunc(all, func(a, b sim.FaultKind) int {
		return cmp.Or(cmp.Compare(group(a), group(b)), strings.Compare(a.Name, b.Name))
	})
	return all
}

// countField is shared by the faults that choose among replicas.
var countField = sim.Field{Name: "count", Type: "count", Help: "how many replicas, chosen by the seed (default: 1)"}

// lasting is the Span of a fault that lasts as long as the scenario says.
func lasting(f sim.FaultSpec) time.Duration { return f.For }

// atOnce is the Span of a fault that is over as soon as it is injected.
func atOnce(sim.FaultSpec) time.Duration { return time.Millisecond }

// untilRestart is the Span of a fault that has a restart setting.
func untilRestart(f sim.FaultSpec) time.Duration { return f.Duration("restart", 0) }

// victims chooses count of the target's processes, the same in every variant
// with as many replicas.
func victims(c sim.FaultContext) []sim.Process {
	n := min(c.Spec.Int("count", 1), len(c.Processes))
	var chosen []sim.Process
	for _, i := range c.Rand.Perm(len(c.Processes))[:n] {
		chosen = append(chosen, c.Processes[i])
	}
	slices.SortFunc(chosen, func(a, b sim.Process) int { return strings.Compare(a.Name(), b.Name()) })
	return chosen
}

// names lists processes or links.
func names[T interface{ Name() string }](things []T) string {
	var all []string
	for _, t := range things {
		all = append(all, t.Name())
	}
	return strings.Join(all, ", ")
}

// round keeps three digits or so of a duration.
func round(d time.Duration) time.Duration {
	if d > 10*time.Millisecond {
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
