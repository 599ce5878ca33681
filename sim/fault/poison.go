package fault

import (
	"context"
	"fmt"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "poison", Group: "messages", Class: sim.TargetQueue, Server: sim.RoleBroker,
		Needs:    []sim.Capability{sim.QueueInject},
		Summary:  "puts messages before a service whose body cannot be decoded",
		Evidence: "the broker's confirm of each, and the service's event that it set each aside",
		Heals:    "nothing is taken back; it waits until all were set aside",
		Example:  "{ poison: inventory, at: 10s, count: 5 }",
		Fields:   messageFields, Span: atOnce,
		New: func(c sim.FaultContext) sim.Injection {
			return newMessageFault(c, sim.MessageParked, "set aside", func(_ context.Context, m *messageFault) (all []sim.Message, _ error) {
				for i := range m.count {
					all = append(all, sim.Message{
						ID: fmt.Sprintf("poison-%d-%s", i+1, m.queue.Service), Type: m.queue.Types[0], Body: []byte("\x00\xff{ this is no order"),
					})
				}
				return all, nil
			})
		},
	})
}
