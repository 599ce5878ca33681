package fault

import (
	"context"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "duplicate", Group: "messages", Class: sim.TargetQueue, Server: sim.RoleBroker,
		Needs:     []sim.Capability{sim.QueueInject},
		Summary:   "puts copies of messages that are on their way to a service before it once more, under the same ids",
		Condition: "messages for the queue within five seconds",
		Evidence:  "the broker's confirm of each copy, and the service's event that it had handled each before",
		Heals:     "nothing is taken back; it waits until all were handled",
		Example:   "{ duplicate: inventory, at: 10s, count: 5 }",
		Fields:    messageFields, Span: atOnce,
		New: func(c sim.FaultContext) sim.Injection {
			return newMessageFault(c, sim.MessageDup, "had handled before", func(ctx context.Context, m *messageFault) ([]sim.Message, error) {
				return m.tapped(ctx)
			})
		},
	})
}
