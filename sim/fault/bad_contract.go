package fault

import (
	"context"
	"encoding/json"
	"fmt"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "bad-contract", Group: "messages", Class: sim.TargetQueue, Server: sim.RoleBroker,
		Needs:     []sim.Capability{sim.QueueInject},
		Summary:   "puts messages before a service that speak of real orders in a version of the contract that is newer than it knows",
		Condition: "messages for the queue within five seconds",
		Evidence:  "the broker's confirm of each, and the service's event that it set each aside",
		Heals:     "nothing is taken back; it waits until all were set aside",
		Example:   "{ bad-contract: inventory, at: 10s, count: 5 }",
		Fields:    messageFields, Span: atOnce,
		New: func(c sim.FaultContext) sim.Injection {
			return newMessageFault(c, sim.MessageParked, "set aside", func(ctx context.Context, m *messageFault) ([]sim.Message, error) {
				messages, err := m.tapped(ctx)
				for i := range messages {
					if err == nil {
						messages[i].ID = fmt.Sprintf("bad-contract-%d-%s", i+1, m.queue.Service)
						messages[i].Body, err = newer(messages[i].Body)
					}
				}
				return messages, err
			})
		},
	})
}

// futureVersion is a version of the contract that nobody knows yet.
const futureVersion = 1000

// newer is an event as a later build might write it: another version, and a
// field more.
func newer(body []byte) ([]byte, error) {
	var fields map[string]json.RawMessage // numbers stay as they are
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, fmt.Errorf("read a message to make a newer one of: %w", err)
	}
	fields["version"] = json.RawMessage(fmt.Sprint(futureVersion))
	fields["warehouse"] = json.RawMessage(`"north"`)
	return json.Marshal(fields)
}
