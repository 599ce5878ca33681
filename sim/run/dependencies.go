package run

import (
	"context"

	"squall/sim"
)

// Dependencies are what a run is put together from; the root package does that.
type Dependencies struct {
	Backing sim.Backing
	// System wires a variant to the servers of one trial.
	System func(variant string, sc sim.Scenario) (sim.System, error)
	// Host is where processes and links live.
	Host   sim.Host
	Attack func(ctx context.Context, a sim.Attack) (sim.LoadFidelity, error)
	// Probe reads orders back until they show a terminal state; it returns when
	// ctx ends. It may be nil.
	Probe  func(ctx context.Context, p sim.ProbePlan)
	Faults map[string]sim.FaultKind
	// Live keeps figures as a trial goes, About says which variants a condition is
	// about, and Evaluate judges conditions by figures; they are asked for only by
	// scenarios that have conditions.
	Live     func() sim.Live
	About    func(condition string) (variants []string)
	Evaluate func(conditions []string, figures *sim.VariantResult) []sim.Expectation
	// Progress hears about the run as it goes; it must not block.
	Progress func(sim.Progress)
}
