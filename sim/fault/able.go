package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"squall/sim"
)

// Each kind of fault declares in Needs what must be possible with its target,
// and that is checked before a run starts. The functions of this file check it
// once more when the injection is made, and hand the injection its processes,
// links and server as the types that it works on.

// onProcesses builds an injection on processes that can do what T asks for.
func onProcesses[T any](c sim.FaultContext, all []sim.Process, build func([]T) sim.Injection) sim.Injection {
	return on(c, all, sim.TargetProcess, sim.ProcessCan, build)
}

// onLinks builds an injection on the target's links, which can do what T asks
// for.
func onLinks[T any](c sim.FaultContext, build func([]T) sim.Injection) sim.Injection {
	return on(c, c.Proxies, sim.TargetLink, sim.LinkCan, build)
}

// onServer builds an injection on the server's control, which can do what T asks
// for.
func onServer[T any](c sim.FaultContext, build func(T) sim.Injection) sim.Injection {
	control, ok := c.Server.Control.(T)
	if !ok {
		return refuse(c, c.Server.Named, sim.TargetServer, sim.ServerCan(c.Server))
	}
	return build(control)
}

func on[T any, V interface{ Name() string }](c sim.FaultContext, all []V, of string, can func(V) []sim.Capability,
	build func([]T) sim.Injection) sim.Injection {
	var able []T
	for _, one := range all {
		t, ok := any(one).(T)
		if !ok {
			return refuse(c, one.Name(), of, can(one))
		}
		able = append(able, t)
	}
	return build(able)
}

// refuse returns an injection that fails and says what is missing.
func refuse(c sim.FaultContext, name, of string, can []sim.Capability) sim.Injection {
	var lacks []string
	for _, need := range registry[c.Spec.Kind].Needs {
		if need.Of() == of && !slices.Contains(can, need) {
			lacks = append(lacks, string(need))
		}
	}
	if len(lacks) == 0 { // the kind does not declare it
		return refused{fmt.Errorf("%s: more is asked of %s than it can do; it can do %v", c.Spec.Kind, name, can)}
	}
	return refused{fmt.Errorf("%s needs %s, which %s lacks", c.Spec.Kind, strings.Join(lacks, " and "), name)}
}

// refused is the injection of a fault whose target cannot do what it needs.
type refused struct{ err error }

func (r refused) Inject(context.Context) (string, error) { return "", r.err }
func (r refused) Heal(context.Context) error             { return nil }
func (r refused) Evidence() sim.Evidence                 { return unknown("it was not injected: %v", r.err) }
