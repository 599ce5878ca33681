package backend

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"squall/sim"
)

// Options are what a backing may need; each takes what concerns it.
type Options struct {
	RunID string // labels what is left behind if squall is killed
	// Launch starts a child process, for backings made of those.
	Launch func(ctx context.Context, l sim.Launch) (sim.Child, error)
	// ServerArgv is the command that runs the embedded broker.
	ServerArgv []string
	FreeAddr   func() (string, error)
	// Images are the images asked for by name, by server; empty chooses.
	Images map[string]string
	// Nodes is how many nodes the broker is to have; 0 is 1.
	Nodes int
	// Say tells a person what takes its time.
	Say func(text string)
}

// Backend is one way in which servers appear.
type Backend struct {
	Name    string
	Summary string
	// Network lists the servers that are reached over a network, so that
	// links to them exist.
	Network []string
	Start   func(ctx context.Context, o Options) (sim.Backend, error)
}

var registry = map[string]Backend{}

func register(f Backend) {
	if _, twice := registry[f.Name]; twice {
		panic("backing: two flavours named " + f.Name)
	}
	registry[f.Name] = f
}

// Find returns the flavour of a name.
func Find(name string) (Backend, error) {
	f, ok := registry[name]
	if !ok {
		return Backend{}, fmt.Errorf("no backing named %q", name)
	}
	return f, nil
}

// All returns every flavour, by name.
func All() []Backend {
	var all []Backend
	for _, f := range registry {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b Backend) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

// secret returns a password that nobody has had before.
func secret() string { return rand.Text() }
