package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "broker-kill", Group: "broker", Class: sim.TargetServer, Only: sim.RoleBroker, Needs: []sim.Capability{sim.ServerRestart},
		Summary:  "kills the broker with SIGKILL; it is started again at the same address, with what it had on disk",
		Evidence: "the status that it ended with; connections to its own address are refused, and answered afterwards",
		Heals:    "it is started again after restart, else when the load ends",
		Example:  "{ broker-kill: broker, at: 10s, restart: 3s }",
		Fields:   []sim.Field{{Name: "restart", Type: "duration", Help: "start it again this long after (default: when the load ends)"}},
		Span:     untilRestart, New: newServerDown(false),
	})
}
