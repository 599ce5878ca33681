package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "broker-restart", Group: "broker", Class: sim.TargetServer, Only: sim.RoleBroker, Needs: []sim.Capability{sim.ServerRestart},
		Summary:  "restarts the broker in an orderly way, at the same address",
		Evidence: "the status that it ended with; connections to its own address are refused, and answered afterwards",
		Heals:    "it is started again as soon as it has ended",
		Example:  "{ broker-restart: broker, at: 10s }",
		Span:     atOnce, New: newServerDown(true),
	})
}
