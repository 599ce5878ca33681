package variant

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Wiring is a variant as data.
type Wiring struct {
	Name    string // see checkName
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

// Process is a service with the servers that it uses.
type Process struct {
	Service  string
	Database bool // uses the run's database; else a SQLite file of its own
	Broker   bool
}

// Link is an edge of the network. The process receives the link's address in
// the environment variable Env; To is a service, "broker" or "database".
type Link struct {
	From, To, Env string
}

// Name returns the link's name, "from->to".
func (l Link) Name() string { return l.From + "->" + l.To }

// maxName is the longest name of a variant, in characters: names of virtual
// hosts, schemas and folders are made of it, and a schema's has 64 at most.
const maxName = 32

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// reserved are the words of the language of expectations: a figure of a variant
// that is named like one could not be written.
var reserved = []string{"and", "contains", "else", "false", "if", "in", "let", "matches", "nil", "not", "or", "true"}

// checkName says what is wrong with the name of a variant, or returns nil.
func checkName(name string) error {
	switch {
	case len(name) > maxName:
		return fmt.Errorf("name of a variant: saw %q with %d characters; expected %d at most", name, len(name), maxName)
	case !nameForm.MatchString(name):
		return fmt.Errorf("name of a variant: saw %q; expected lower-case letters and digits, a letter first, words divided by one dash", name)
	case slices.Contains(reserved, name):
		return fmt.Errorf("name of a variant: saw %q, a word of the language of expectations; expected any but %s",
			name, strings.Join(reserved, ", "))
	}
	return nil
}

var registry = map[string]Wiring{}

// register adds a variant. It panics at a name that is not legal or taken,
// since variants are part of the program.
func register(w Wiring) {
	if err := checkName(w.Name); err != nil {
		panic("register variant: " + err.Error())
	}
	if _, twice := registry[w.Name]; twice {
		panic(fmt.Sprintf("register variant: saw a second one named %q; expected names that differ", w.Name))
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
	if w, ok := registry[name]; ok {
		return w, nil
	}
	var known []string
	for _, w := range All() {
		known = append(known, w.Name)
	}
	return Wiring{}, fmt.Errorf("find variant: saw %q; expected one of %s", name, strings.Join(known, ", "))
}

// services are the pipeline's processes in the order in which they are started.
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
