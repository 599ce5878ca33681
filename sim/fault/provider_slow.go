package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "provider-slow", Group: "dependency", Class: sim.TargetLink, Only: "provider",
		Needs:    []sim.Capability{sim.NetworkLink, sim.NetworkShape},
		Summary:  "makes every answer of the payment provider take longer",
		Evidence: "round trips over the link to it, measured before, during and after",
		Heals:    "the delay is removed",
		Example:  "{ provider-slow: provider, at: 10s, for: 5s, delay: 500ms, jitter: 200ms, distribution: pareto }",
		Fields:   delayFields,
		NeedsFor: true, Span: lasting, New: newLatency,
	})
}
