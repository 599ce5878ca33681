package squall

import (
	"strings"

	"squall/scenarios"
	"squall/sim"
	"squall/sim/fault"
	"squall/sim/host"
	"squall/sim/load"
	"squall/sim/measure"
	"squall/sim/run"
	"squall/system/variant"
)

// dependencies puts a run together; program is that of the pipeline's processes.
// Bugs are for the self-test alone.
func dependencies(b sim.Backing, program string, progress func(sim.Progress), bugs ...string) run.Dependencies {
	conditions := scenarios.NewConditions(Catalog().Variants)
	return run.Dependencies{
		Backing: b,
		System: func(name string, sc sim.Scenario) (sim.System, error) {
			w, err := variant.Find(name)
			s := system(w, sc, program)
			for _, p := range s.Processes {
				p.Env["SQUALL_BUGS"] = strings.Join(bugs, ",")
			}
			return s, err
		},
		Host:     host.Local{},
		Attack:   load.Run,
		Probe:    load.Probe,
		Faults:   fault.Kinds(),
		Live:     func() sim.Live { return measure.NewLive() },
		About:    conditions.About,
		Evaluate: conditions.Evaluate,
		Progress: progress,
	}
}
