package sim

import (
	"fmt"
	"slices"
)

// The classes of targets.
const (
	TargetProcess = "process" // a service: its processes
	TargetLink    = "link"    // an edge of the network
	TargetServer  = "server"  // the broker or the database itself
	TargetQueue   = "queue"   // the queue over which work reaches a service
)

// Target is what a fault is aimed at, resolved in one system. What its class
// does not use is empty.
type Target struct {
	Service string      // whose processes
	Links   []LinkSpec  // of the network
	Server  string      // its role
	Queues  []QueueSpec // one
}

// Resolve finds what a fault is aimed at in a system. It returns an error that
// names what there is when the system has no such target.
func (k FaultKind) Resolve(target string, s System) (t Target, err error) {
	if k.Only != "" && target != k.Only {
		return t, fmt.Errorf("it is a fault of the %s", k.Only)
	}
	t.Server = k.Server
	if k.Server != "" && !s.Uses(k.Server) {
		return t, fmt.Errorf("%s has no %s", s.Variant, k.Server)
	}
	switch k.Class {
	case TargetProcess:
		t.Service = target
		if !s.Has(target) {
			err = fmt.Errorf("%s has no service %q", s.Variant, target)
		}
	case TargetServer:
		if t.Server = target; !s.Uses(target) {
			err = fmt.Errorf("%s has no %s", s.Variant, target)
		}
	case TargetLink:
		if t.Links = s.LinksOf(target); len(t.Links) == 0 {
			err = fmt.Errorf("%s has no link %q", s.Variant, target)
		}
	case TargetQueue:
		for _, q := range s.Queues {
			if q.Service == target {
				t.Queues = append(t.Queues, q)
			}
		}
		if k.Consumers {
			t.Service, t.Links = target, s.LinksOf(LinkSpec{From: target, To: k.Server}.Name())
		}
		if len(t.Queues) == 0 {
			err = fmt.Errorf("%s has no queue of %q", s.Variant, target)
		}
	}
	return t, err
}

// Touches lists what a fault takes hold of, in words that are equal for equal
// things. Two faults that touch one thing at one time could not be told apart:
// neither their effects nor their evidence.
func (t Target) Touches(s System) (things []string) {
	if t.Service != "" {
		things = append(things, "the processes of "+t.Service)
	}
	links := slices.Clone(t.Links)
	if t.Server != "" {
		things = append(things, "the "+t.Server)
		// A link to a server that is down, or slow, is so whatever else is done to it.
		for _, l := range s.Links {
			if l.To == t.Server {
				links = append(links, l)
			}
		}
	}
	for _, l := range links {
		things = append(things, "the link "+l.Name())
	}
	for _, q := range t.Queues {
		things = append(things, "the queue of "+q.Service)
	}
	return things
}

// Conflict says what two faults would both take hold of in any of these
// systems, whatever the time; "" for nothing.
func Conflict(kinds map[string]FaultKind, a, b FaultSpec, systems []System) string {
	for _, s := range systems {
		ta, errA := kinds[a.Kind].Resolve(a.Target, s)
		tb, errB := kinds[b.Kind].Resolve(b.Target, s)
		if errA != nil || errB != nil {
			continue
		}
		of := tb.Touches(s)
		for _, thing := range ta.Touches(s) {
			if slices.Contains(of, thing) {
				return thing
			}
		}
	}
	return ""
}
