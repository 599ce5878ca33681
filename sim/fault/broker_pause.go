package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "broker-pause", Group: "broker", Class: sim.TargetServer, Only: sim.RoleBroker, Needs: []sim.Capability{sim.ServerPause},
		Summary:  "stops all processes of the broker: its connections stay open and nobody answers",
		Evidence: "the kernel or the engine shows it stopped, a question to it gets no answer, and one does afterwards",
		Heals:    "its processes are resumed",
		Example:  "{ broker-pause: broker, at: 10s, for: 4s }",
		NeedsFor: true, Span: lasting, New: newServerPause,
	})
}
