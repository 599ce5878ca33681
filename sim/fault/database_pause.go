package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "database-pause", Group: "dependency", Class: sim.TargetServer, Only: "database", Backings: []string{"container"},
		Summary:  "stops the database in its tracks: its connections stay open and nobody answers",
		Evidence: "the kernel or the engine shows it stopped, a question to it gets no answer, and one does afterwards",
		Heals:    "it goes on where it stopped",
		Example:  "{ database-pause: database, at: 10s, for: 3s }",
		NeedsFor: true, Span: lasting, New: newServerPause,
	})
}
