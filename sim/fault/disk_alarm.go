package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "disk-alarm", Group: "broker", Class: sim.TargetServer, Only: sim.RoleBroker, Needs: []sim.Capability{sim.BrokerAlarm},
		Summary:  "makes the broker believe that its disk is nearly full: it raises its disk alarm and blocks all publishers",
		Evidence: "the broker's own report of the alarm, and of the connections that it blocks",
		Heals:    "the broker gets back the limit that it had, and the alarm is seen to end",
		Example:  "{ disk-alarm: broker, at: 10s, for: 4s }",
		NeedsFor: true, Span: lasting, New: newAlarm("disk"),
	})
}
