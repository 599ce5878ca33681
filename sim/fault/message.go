package fault

import (
	"context"
	"fmt"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// messageFault puts messages before a service that it did not ask for, and waits
// until the service has dealt with each.
type messageFault struct {
	broker  sim.MessageInjector
	queue   sim.QueueSpec
	seen    func(service, kind string) int64
	count   int
	kind    string // of the events that show that the service dealt with one
	means   string // the same in words
	write   writeMessages
	before  int64
	sent    int
	dealt   int64
	trouble trouble
	waited  bool
}

// writeMessages makes the messages of a fault.
type writeMessages func(ctx context.Context, m *messageFault) ([]sim.Message, error)

// messageFields are the settings of the faults about messages.
var messageFields = []sim.Field{{Name: "count", Type: "count", Help: "how many messages (default: 5)"}}

const (
	// sendTime bounds the sending, dealTime the wait until the service has dealt
	// with all of them.
	sendTime = 10 * time.Second
	dealTime = 15 * time.Second
	// tapTime bounds the wait for messages to take copies of.
	tapTime = 5 * time.Second
)

func newMessageFault(c sim.FaultContext, kind, means string, write writeMessages) sim.Injection {
	return onServer(c, func(broker sim.MessageInjector) sim.Injection {
		return &messageFault{
			broker: broker, queue: c.Queue, seen: c.Seen, count: c.Spec.Int("count", 5), kind: kind, means: means, write: write,
		}
	})
}

func (m *messageFault) Inject(ctx context.Context) (string, error) {
	m.before = m.seen(m.queue.Service, m.kind)
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	messages, err := m.write(ctx, m)
	if m.trouble.add(err) != nil {
		return "", err
	}
	for _, one := range messages {
		if err := m.trouble.add(m.broker.Send(ctx, m.queue, one)); err != nil {
			return fmt.Sprintf("%d messages for %s", m.sent, m.queue.Service), err
		}
		m.sent++
	}
	return fmt.Sprintf("%d messages for %s", m.sent, m.queue.Service), nil
}

// Heal takes nothing back: it waits until the service has dealt with all.
func (m *messageFault) Heal(ctx context.Context) error {
	if m.waited {
		return nil
	}
	m.waited = true
	ctx, cancel := context.WithTimeout(ctx, dealTime)
	defer cancel()
	for {
		m.dealt = m.seen(m.queue.Service, m.kind) - m.before
		if m.dealt >= int64(m.sent) || clock.Sleep(ctx, 50*time.Millisecond) != nil {
			return nil
		}
	}
}

func (m *messageFault) Evidence() sim.Evidence {
	if err := m.trouble.seen(); err != nil || m.sent < m.count || m.dealt < int64(m.sent) {
		return unknown("%d of %d messages were confirmed by the broker, and %d were %s within %s: %v",
			m.sent, m.count, m.dealt, m.means, dealTime, err)
	}
	return evident(map[string]float64{"sent": float64(m.sent), "dealt": float64(m.dealt)},
		"%d messages were confirmed by the broker; %s has since seen %d that it %s", m.sent, m.queue.Service, m.dealt, m.means)
}

// tapped takes copies of the next messages on their way to the queue.
func (m *messageFault) tapped(ctx context.Context) ([]sim.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, tapTime)
	defer cancel()
	messages, err := m.broker.Tap(ctx, m.queue, m.count)
	if err != nil {
		return nil, fmt.Errorf("%d of %d messages came by for %s within %s: %w", len(messages), m.count, m.queue.Service, tapTime, err)
	}
	return messages, nil
}
