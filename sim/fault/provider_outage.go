package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "provider-outage", Group: "dependency", Class: sim.TargetLink, Only: "provider",
		Needs:    []sim.Capability{sim.NetworkLink, sim.NetworkCut},
		Summary:  "makes the payment provider unreachable: calls to it are refused",
		Evidence: "a round trip to it before, one that fails during, and one after",
		Heals:    "connections to it are let in again",
		Example:  "{ provider-outage: provider, at: 10s, for: 3s }",
		NeedsFor: true, Span: lasting, New: newPartition,
	})
}
