package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "database-restart", Group: "dependency", Class: sim.TargetServer, Only: sim.RoleDatabase,
		Needs:    []sim.Capability{sim.ServerRestart},
		Summary:  "restarts the database in an orderly way, at the same address",
		Evidence: "the status that it ended with; connections to its own address are refused, and answered afterwards",
		Heals:    "it is started again as soon as it has ended",
		Example:  "{ database-restart: database, at: 10s }",
		Span:     atOnce, New: newServerDown(true),
	})
}
