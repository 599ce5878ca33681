package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "database-slow", Group: "dependency", Class: sim.TargetLink, Only: sim.RoleDatabase,
		Needs:    []sim.Capability{sim.NetworkLink, sim.NetworkShape},
		Summary:  "makes every answer of the database take longer",
		Evidence: "round trips over each service's link to it, measured before, during and after",
		Heals:    "the delay is removed",
		Example:  "{ database-slow: database, at: 10s, for: 5s, delay: 20ms }",
		Fields:   delayFields,
		NeedsFor: true, Span: lasting, New: newLatency,
	})
}
