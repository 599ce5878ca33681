package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "database-pause", Group: "dependency", Class: sim.TargetServer, Only: sim.RoleDatabase,
		Needs:    []sim.Capability{sim.ServerPause},
		Summary:  "stops all processes of the database: its connections stay open and nobody answers",
		Evidence: "the kernel or the engine shows it stopped, a question to it gets no answer, and one does afterwards",
		Heals:    "its processes are resumed",
		Example:  "{ database-pause: database, at: 10s, for: 3s }",
		NeedsFor: true, Span: lasting, New: newServerPause,
	})
}
