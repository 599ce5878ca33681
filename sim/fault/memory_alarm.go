package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "memory-alarm", Group: "broker", Class: sim.TargetServer, Only: sim.RoleBroker, Needs: []sim.Capability{sim.BrokerAlarm},
		Summary:  "makes the broker believe that it is out of memory: it raises its memory alarm and blocks all publishers",
		Evidence: "the broker's own report of the alarm, and of the connections that it blocks",
		Heals:    "the broker gets back the limit that it had, and the alarm is seen to end",
		Example:  "{ memory-alarm: broker, at: 10s, for: 4s }",
		NeedsFor: true, Span: lasting, New: newAlarm("memory"),
	})
}
