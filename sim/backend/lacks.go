package backend

import (
	"fmt"
	"slices"
	"strings"

	"squall/sim"
)

// Refuse returns an error that lists everything that a scenario asks for and the
// chosen servers cannot do, each with what can; nil if they can do all. kinds
// are the kinds of faults and systems those of the variants, by name.
func (c Choice) Refuse(sc sim.Scenario, kinds map[string]sim.FaultKind, systems map[string]sim.System) error {
	var lacks []string
	broker := c.Backend(sim.RoleBroker)
	if needs := []sim.Capability{sim.BrokerCluster}; sc.Nodes > 1 && !broker.can(needs) {
		lacks = append(lacks, fmt.Sprintf("a broker of %d nodes %s", sc.Nodes, lacking(broker, needs)))
	}
	var of []sim.System
	for _, v := range sc.Variants {
		of = append(of, systems[v])
	}
	for i, f := range sc.Faults {
		if why := c.Cannot(kinds[f.Kind], f.Target, of); why != "" {
			lacks = append(lacks, fmt.Sprintf("fault %d, %s %s: %s", i+1, f.Kind, f.Target, why))
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	why := ""
	if c.Reason != "" {
		why = "\n(the backing was chosen because: " + c.Reason + ")"
	}
	return fmt.Errorf("%s cannot be run on the %s backing:\n  %s%s", sc.Name, c.Name(), strings.Join(lacks, "\n  "), why)
}

// Cannot says why none of these systems can have a fault on the chosen servers,
// "" when one can.
func (c Choice) Cannot(kind sim.FaultKind, target string, systems []sim.System) string {
	if why := c.Lacks(kind, target); why != "" {
		return why
	}
	// The links to a server without a network are not there, for whichever
	// target that names them.
	for _, s := range systems {
		if _, err := kind.Resolve(target, c.reached(s)); err == nil {
			return ""
		}
	}
	for _, b := range c.backends {
		without := c.without(b.Role)
		for _, s := range systems {
			if _, err := kind.Resolve(target, without.reached(s)); err == nil {
				return lacking(b, []sim.Capability{sim.NetworkLink})
			}
		}
	}
	return "no variant has such a target"
}

// reached is a system with the links to servers that are reached over the
// network.
func (c Choice) reached(s sim.System) sim.System {
	for _, b := range c.backends {
		if !slices.Contains(b.Can, sim.NetworkLink) {
			s = s.Without(b.Role)
		}
	}
	return s
}

// without is the choice without the server of a role.
func (c Choice) without(role string) Choice {
	c.backends = slices.DeleteFunc(slices.Clone(c.backends), func(b Backend) bool { return b.Role == role })
	return c
}

// Lacks says what a fault needs of a chosen server and the server lacks, "" for
// nothing. Whether a system has the target is not its question.
func (c Choice) Lacks(kind sim.FaultKind, target string) string {
	for _, b := range c.backends {
		if b.Role != kind.Server && b.Role != target {
			continue
		}
		if needs := ofServers(kind.Needs); !b.can(needs) {
			return lacking(b, needs)
		}
	}
	return ""
}

// ofServers are those of the capabilities that a server has or has not.
func ofServers(needs []sim.Capability) (of []sim.Capability) {
	for _, c := range needs {
		if c.Of() == sim.TargetServer || c == sim.NetworkLink {
			of = append(of, c)
		}
	}
	return of
}

// lacking says what a server lacks of what is needed, and where it can be had.
func lacking(b Backend, needs []sim.Capability) string {
	var lacks []string
	for _, c := range needs {
		if !slices.Contains(b.Can, c) {
			lacks = append(lacks, string(c))
		}
	}
	text := fmt.Sprintf("needs %s, which %s lacks", strings.Join(lacks, " and "), b.Name)
	able := with(b.Role, needs)
	if len(able) == 0 {
		return text + "; no backend has it"
	}
	var chosen []string
	for _, s := range sets {
		if slices.ContainsFunc(s.Backends, func(name string) bool { return slices.Contains(able, name) }) {
			chosen = append(chosen, s.Name)
		}
	}
	chosen = append(chosen, fmt.Sprintf("a %s of: %s", b.Role, strings.Join(able, ", ")))
	return text + "; use --backing " + strings.Join(chosen, " or ")
}

// with names the backends of a role to which all of this can be done.
func with(role string, needs []sim.Capability) (able []string) {
	for _, b := range Of(role) {
		if b.can(needs) {
			able = append(able, b.Name)
		}
	}
	return able
}

// Having returns the names of the backends that have a capability.
func Having(c sim.Capability) []string {
	var able []string
	for _, b := range All() {
		if slices.Contains(b.Can, c) {
			able = append(able, b.Name)
		}
	}
	return able
}

// Where names the backends on which a kind of fault can be had, with the number
// of nodes if it needs several; "" if it can be had on all.
func Where(kind sim.FaultKind) string {
	for _, role := range sim.Roles() {
		if role != kind.Server && role != kind.Only {
			continue
		}
		able := with(role, ofServers(kind.Needs))
		switch {
		case kind.Nodes > 1:
			return fmt.Sprintf("%s, with %d nodes", strings.Join(able, ", "), kind.Nodes)
		case len(able) < len(Of(role)):
			return strings.Join(able, ", ")
		}
	}
	return ""
}
