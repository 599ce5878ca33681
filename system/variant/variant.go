package variant

import (
	"cmp"
	"fmt"
	"slices"
)

// Wiring is a variant as data.
type Wiring struct {
	Name    string
	Summary string
	// Order is the place among the variants where a scenario names none: they are
	// run and shown by rising order.
	Order int
	// Naive says that faults alone make it break invariants, without any bug: it
	// leaves orders half done.
	Naive bool
	// Mode is the SQUALL_MODE that every process is given.
	Mode      string
	Processes []Process
	Links     []Link
	// Ingress is the service that customers talk to.
	Ingress string
	// Work names, for each service, the link over which its work reaches it.
	Work map[string]string
}

// Process is a service with what it stands on.
type Process struct {
	Service  string
	Database bool // uses the backing's database; else a store of its own
	Broker   bool
}

// Link is an edge of the network. The process receives the link's address in
// the environment variable Env; To is a service, "broker" or "database".
type Link struct {
	From, To, Env string
}

// Name returns the link's name, "from->to".
func (l Link) Name() string { return l.From + "->" + l.To }

var registry = map[string]Wiring{}

func register(w Wiring) {
	if _, twice := registry[w.Name]; twice {
		panic("variant: two named " + w.Name)
	}
	registry[w.Name] = w
}

// All returns the variants, in their order.
func All() []Wiring {
	var all []Wiring
	for _, w := range registry {
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b Wiring) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// Find returns the variant of a name.
func Find(name string) (Wiring, error) {
	w, ok := registry[name]
	if !ok {
		return Wiring{}, fmt.Errorf("no variant named %q", name)
	}
	return w, nil
}

// services are the pipeline's processes in the order they are started.
func services(broker bool) []Process {
	return []Process{
		{Service: "provider"},
		{Service: "shipping", Database: true, Broker: broker},
		{Service: "payment", Database: true, Broker: broker},
		{Service: "inventory", Database: true, Broker: broker},
		{Service: "orders", Database: true, Broker: broker},
	}
}

// databaseLinks are the edges to the database, the same in every variant.
func databaseLinks() []Link {
	var links []Link
	for _, s := range []string{"orders", "inventory", "payment", "shipping"} {
		links = append(links, Link{s, "database", "SQUALL_STORE_ADDR"})
	}
	return links
}
