package backend

import (
	"context"

	"squall/sim"
)

func init() {
	register(Backend{
		Name: "sqlite", Role: sim.RoleDatabase, Provided: ByFiles,
		Summary: "SQLite files in the trial's folder, opened by the processes themselves; needs nothing installed",
		start:   func(context.Context, startSpec) (Driver, error) { return sqlite{}, nil },
	})
}

// sqlite has nothing to start: each process opens its files. Nothing can be done
// to it, and no link leads to it.
type sqlite struct{}

// Info says what serves.
func (sqlite) Info() Info {
	return Info{Version: "SQLite (modernc.org/sqlite " + moduleVersion("modernc.org/sqlite") + ")"}
}

// CreateNamespace has nothing to create: the processes are given the trial's
// folder.
func (sqlite) CreateNamespace(context.Context, sim.NamespaceSpec) (Namespace, error) {
	return Namespace{
		Server: sim.Server{Named: "SQLite", Env: map[string]string{"SQUALL_STORE": "sqlite"}},
		Close:  func(context.Context) error { return nil },
	}, nil
}

// Close has nothing to end.
func (sqlite) Close(context.Context) error { return nil }
