package backend

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"squall/sim"
)

// Options are what backends may need to start; each takes what concerns it.
type Options struct {
	RunID string // labels what is left behind if squall is killed
	// Launch starts a child process, for servers that are such.
	Launch func(ctx context.Context, l sim.Launch) (sim.Child, error)
	// ServerArgv is the command that runs the embedded broker; see ServeNATS.
	ServerArgv []string
	// FreeAddr returns a loopback address that nobody listens on.
	FreeAddr func() (string, error)
	// Images are the container images asked for by name, by role; a role without
	// one gets the official image or the local one.
	Images map[string]string
	// Nodes is how many nodes the broker is to have; 0 is 1.
	Nodes int
	// Say tells a person what takes its time; it may be nil.
	Say func(text string)
}

// The ways in which a server is provided.
const (
	ByContainer = "container"
	ByChild     = "child process"
	ByFiles     = "files"
)

// Backend is a server of a kind.
type Backend struct {
	Name     string // "rabbitmq"
	Role     string // sim.RoleBroker or sim.RoleDatabase
	Summary  string
	Provided string           // how: ByContainer, ByChild or ByFiles
	Can      []sim.Capability // what can be done to it
	images   Images           // of a server in containers
	start    func(ctx context.Context, s startSpec) (Driver, error)
}

// startSpec is what a server is started with. Engine and image are those of a
// server in containers.
type startSpec struct {
	Options
	engine *Engine
	image  string
}

// Driver is a server that was started, for all trials of a run.
type Driver interface {
	Info() Info
	// CreateNamespace gives a trial a place of its own; after an error there is
	// none.
	CreateNamespace(ctx context.Context, t sim.NamespaceSpec) (Namespace, error)
	Close(ctx context.Context) error
}

// Info says what serves.
type Info struct {
	Version string // with the product's name: "RabbitMQ 4.0.5"
	Image   string // of a server in containers
}

// Namespace is what one trial has of a server.
type Namespace struct {
	Server sim.Server
	Close  func(ctx context.Context) error
}

// closeTime bounds the end of a server or of a trial's part of it.
const closeTime = 30 * time.Second

var registry = map[string]Backend{}

func register(b Backend) {
	if _, twice := registry[b.Name]; twice {
		panic("backend: two backends named " + b.Name)
	}
	registry[b.Name] = b
}

// Find returns the backend of a name.
func Find(name string) (Backend, error) {
	b, ok := registry[name]
	if !ok {
		return Backend{}, fmt.Errorf("no backend named %q, expected one of %s", name, strings.Join(names(All()), ", "))
	}
	return b, nil
}

// All returns every backend by role, in the order of their names.
func All() (all []Backend) {
	for _, role := range sim.Roles() {
		all = append(all, Of(role)...)
	}
	return all
}

// Of returns the backends of a role, in the order of their names.
func Of(role string) (all []Backend) {
	for _, b := range registry {
		if b.Role == role {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b Backend) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func names(backends []Backend) (all []string) {
	for _, b := range backends {
		all = append(all, b.Name)
	}
	return all
}

// can reports whether all of this can be done to the server.
func (b Backend) can(needs []sim.Capability) bool {
	return !slices.ContainsFunc(needs, func(c sim.Capability) bool { return !slices.Contains(b.Can, c) })
}

// secret returns a password that was never used before.
func secret() string { return rand.Text() }
