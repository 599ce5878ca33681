package fault

import (
	"slices"
	"strings"

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
func Kinds() map[string]sim.FaultKind { return registry }

// Sorted returns every kind of fault in the order of their names.
func Sorted() []sim.FaultKind {
	var all []sim.FaultKind
	for _, k := range registry {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b sim.FaultKind) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// countField is shared by the faults that choose among replicas.
var countField = sim.Field{Name: "count", Type: "count", Help: "how many replicas, chosen by the seed (default: 1)"}

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
