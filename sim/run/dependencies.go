package run

import (
	"context"

	"squall/sim"
)

// Dependencies are what a run is put together from; cmd/squall does that.
type Dependencies struct {
	Backend sim.Backend
	// System wires a variant to the servers of one trial.
	System func(variant string, sc sim.Scenario) (sim.System, error)
	Launch func(ctx context.Context, l sim.Launch) (sim.Child, error)
	// OpenLink puts a proxy before each of the upstream addresses and returns
	// their addresses in the same order.
	OpenLink func(name, protocol string, upstreams []string) (sim.OpenProxy, []string, error)
	// FreeAddr returns an unused loopback address.
	FreeAddr func() (string, error)
	Attack   func(ctx context.Context, a sim.Attack) (sim.LoadFidelity, error)
	// Probe reads orders back until they show a terminal state; it returns when
	// ctx ends. It may be nil.
	Probe  func(ctx context.Context, p sim.ProbePlan)
	Faults map[string]sim.FaultKind
	// Live keeps figures as a trial goes, and Holds judges conditions by them;
	// both are asked for only by scenarios that have such.
	Live     func() sim.Live
	Evaluate func(conditions []string, figures *sim.VariantResult) []sim.Expectation
	// Progress hears about the run as it goes; it must not block.
	Progress func(sim.Progress)
}
