package sim

import "slices"

// System is a thing under test as data: processes, links and an ingress. How a
// process must behave is the process contract (docs/process-contract.md).
type System struct {
	Variant   string
	Summary   string
	Processes []ProcessSpec
	Links     []LinkSpec
	Ingress   string            // the service that the client talks to
	Work      map[string]string // service -> name of the link over which its work reaches it
	Queues    []QueueSpec
}

// QueueSpec is the queue over which work reaches a service, as a broker has it.
type QueueSpec struct {
	Service  string
	Name     string   // of the queue, and of the durable consumer
	Exchange string   // that the queue is bound to (AMQP)
	Subjects string   // prefix of the subjects that the consumer takes (NATS)
	Parked   string   // queue of messages that were set aside
	Types    []string // of the messages that it takes: routing keys
}

// ProcessSpec is one service of a system.
type ProcessSpec struct {
	Service  string
	Replicas int
	Argv     []string          // the command; the first element is the program
	Env      map[string]string // beside what the links and servers add
	Servers  []string          // the roles of the servers whose settings it is given
}

// LinkSpec is one edge of the network, to a service or to a server. From's
// processes find its address in the variable Env.
type LinkSpec struct {
	From, To, Env string
}

// Name returns "from->to".
func (l LinkSpec) Name() string { return l.From + "->" + l.To }

// Has reports whether the system has a service.
func (s System) Has(service string) bool {
	for _, p := range s.Processes {
		if p.Service == service {
			return true
		}
	}
	return false
}

// Uses reports whether any process is given a server's settings.
func (s System) Uses(server string) bool {
	for _, p := range s.Processes {
		if slices.Contains(p.Servers, server) {
			return true
		}
	}
	return false
}

// LinksOf resolves a link target: "client" for all edges from the client, a
// server's role for all edges to it, a service's name for the edge over which
// work reaches it, or an exact "from->to".
func (s System) LinksOf(target string) []LinkSpec {
	var found []LinkSpec
	for _, l := range s.Links {
		switch {
		case l.Name() == target,
			target == "client" && l.From == "client",
			l.To == target && slices.Contains(Roles(), target),
			l.Name() == s.Work[target]:
			found = append(found, l)
		}
	}
	return found
}

// Without returns the system without its links to a server that is reached
// without a network.
func (s System) Without(server string) System {
	var kept []LinkSpec
	for _, l := range s.Links {
		if l.To != server {
			kept = append(kept, l)
		}
	}
	s.Links = kept
	return s
}
