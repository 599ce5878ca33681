package squall

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"squall/sim"
	"squall/sim/backend"
	"squall/sim/fault"
	"squall/sim/host"
)

// backendChoice is a backing that was chosen and not started yet.
type backendChoice struct {
	backend backend.Backend
	options backend.Options
	reason  string // why this one, where it was chosen by squall
}

// chooseBackends finds the backend that is asked for; auto takes containers when
// an engine answers and has the images, and says why when it does not.
func chooseBackends(ctx context.Context, name, runID, self string, images map[string]string, say func(string)) (backendChoice, error) {
	said := map[string]bool{} // looking for images and starting them says the same
	once := func(text string) {
		if !said[text] {
			said[text] = true
			say(text)
		}
	}
	s := backendChoice{options: backend.Options{
		RunID: runID, Launch: host.Local{}.Launch, FreeAddr: host.Local{}.FreeAddr,
		ServerArgv: []string{self, brokerWord}, Images: images, Say: once,
	}}
	if name == "auto" {
		name, s.reason = "container", "an engine answers and has the images"
		if err := backend.CanServe(ctx, s.options); err != nil {
			name, s.reason = "embedded", err.Error()
		}
	}
	var err error
	if s.backend, err = backend.Find(name); err != nil {
		return s, usage(fmt.Errorf("%w, expected auto, container or embedded", err))
	}
	return s, nil
}

// start starts the servers for a scenario, unless they cannot do what it asks.
func (s backendChoice) start(ctx context.Context, sc sim.Scenario) (sim.Backend, error) {
	s.options.Nodes = sc.Nodes
	return s.backend.Start(ctx, s.options)
}

// refuse returns an error that lists everything that a scenario asks for and
// the backend cannot do, with the one that can.
func (s backendChoice) refuse(sc sim.Scenario) error {
	lacks := lacking(s.backend, sc)
	if len(lacks) == 0 {
		return nil
	}
	why := ""
	if s.reason != "" {
		why = "\n(the backing was chosen because: " + s.reason + ")"
	}
	return usage(fmt.Errorf("%s cannot be run on the %s backing:\n  %s%s", sc.Name, s.backend.Name, strings.Join(lacks, "\n  "), why))
}

// lacking says what of a scenario a backend cannot do.
func lacking(f backend.Backend, sc sim.Scenario) (lacks []string) {
	if sc.Nodes > 1 && f.Name != "container" {
		lacks = append(lacks, fmt.Sprintf("backing: it asks for %d nodes of RabbitMQ; use --backing container", sc.Nodes))
	}
	systems := Catalog().Systems
	for i, spec := range sc.Faults {
		if why := cannot(f, spec, sc.Variants, systems); why != "" {
			lacks = append(lacks, fmt.Sprintf("fault %d, %s %s: %s", i+1, spec.Kind, spec.Target, why))
		}
	}
	return lacks
}

// cannot says why a backend cannot have a fault, "" when it can.
func cannot(f backend.Backend, spec sim.FaultSpec, variants []string, systems map[string]sim.System) string {
	kind := fault.Kinds()[spec.Kind]
	if len(kind.Backings) > 0 && !slices.Contains(kind.Backings, f.Name) {
		return "use --backing " + strings.Join(kind.Backings, " or ")
	}
	// A link to a server that is reached without a network is not there.
	for _, v := range variants {
		s := systems[v]
		for _, server := range []string{"broker", "database"} {
			if !slices.Contains(f.Network, server) {
				s = s.Without(server)
			}
		}
		if _, err := kind.Resolve(spec.Target, s); err == nil {
			return ""
		}
	}
	for _, other := range backend.All() {
		if slices.Contains(other.Network, "database") {
			return "there is no network to it here; use --backing " + other.Name
		}
	}
	return "no variant has it here"
}
