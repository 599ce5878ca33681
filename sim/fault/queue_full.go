package fault

import (
	"context"
	"errors"
	"fmt"

	"squall/sim"
)

// overflows are what a full queue can do.
var overflows = []string{"reject-publish", "drop-head"}

func init() {
	register(sim.FaultKind{
		Name: "queue-full", Group: "broker", Class: sim.TargetQueue, Server: sim.RoleBroker, Consumers: true,
		Needs: []sim.Capability{sim.QueueLimit, sim.ProcessPause, sim.NetworkLink, sim.NetworkCut},
		Summary: "fills a service's queue: all its consumers hang, and the queue takes only a few messages; what comes on top is refused " +
			"to its publisher (reject-publish), or the oldest is dropped to the dead-letter exchange (drop-head)",
		Condition: "messages for the queue while it is in force",
		Evidence:  "the broker's own report of the limit, and the publishes that it refused or the messages that were set aside",
		Heals:     "the limit is removed, and the consumers go on",
		Example:   "{ queue-full: inventory, at: 10s, for: 4s, overflow: reject-publish }",
		More:      []string{"{ queue-full: inventory, at: 10s, for: 4s, overflow: drop-head }"},
		Fields: []sim.Field{
			{Name: "overflow", Type: "word", Words: overflows, Help: "what the full queue does (default: reject-publish)"},
			{Name: "length", Type: "count", Help: "how many messages it takes (default: none)"},
		},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			return onServer(c, func(broker sim.Capped) sim.Injection {
				return onLinks(c, func(links []cuttable) sim.Injection {
					return onProcesses(c, c.Processes, func(consumers []consumer) sim.Injection {
						return &queueFull{
							broker: broker, queue: c.Queue, consumers: consumers, links: links, seen: c.Seen,
							overflow: c.Spec.Word("overflow", overflows[0]), length: c.Spec.Int("length", 0),
						}
					})
				})
			})
		},
	})
}

// consumer is a process that takes messages from the queue and can be made to
// hang.
type consumer interface {
	sim.Process
	sim.Pauser
}

type queueFull struct {
	broker          sim.Capped
	queue           sim.QueueSpec
	consumers       []consumer
	links           []cuttable
	seen            func(service, kind string) int64
	overflow        string
	length          int
	refused, parked [2]int64 // before and after
	limit           int      // that was seen in force
	trouble         trouble
	inForce         bool
}

// look reads the counts of refused and parked messages.
func (q *queueFull) look(ctx context.Context, i int) (limit int, err error) {
	q.refused[i] = q.seen("", sim.MessageRefused)
	limit, parked, err := q.broker.Capacity(ctx, q.queue)
	q.parked[i] = int64(parked)
	return limit, err
}

func (q *queueFull) Inject(ctx context.Context) (string, error) {
	if _, err := q.look(ctx, 0); q.trouble.add(err) != nil {
		return "", err
	}
	q.inForce = true
	// The messages that a hanging consumer holds are in no queue. Its connections
	// are ended, so that the broker puts those messages back.
	for _, c := range q.consumers {
		q.trouble.add(c.Pause())
	}
	for _, l := range q.links {
		_, err := l.Cut()
		q.trouble.add(err)
	}
	err := q.broker.Cap(ctx, q.queue, q.length, q.overflow)
	return fmt.Sprintf("%s hang, and their queue takes %d messages (%s)", names(q.consumers), q.length, q.overflow), q.trouble.add(err)
}

func (q *queueFull) Heal(ctx context.Context) error {
	if !q.inForce {
		return nil
	}
	limit, err := q.look(ctx, 1)
	q.limit = limit
	q.trouble.add(err)
	errs := []error{q.broker.Cap(ctx, q.queue, -1, "")}
	for _, c := range q.consumers {
		errs = append(errs, c.Resume())
	}
	err = errors.Join(errs...)
	q.inForce = err != nil
	return err
}

func (q *queueFull) Evidence() sim.Evidence {
	refused, parked := q.refused[1]-q.refused[0], q.parked[1]-q.parked[0]
	did := refused
	if q.overflow == "drop-head" {
		did = parked
	}
	if err := q.trouble.seen(); err != nil || q.limit != q.length || did <= 0 {
		return unknown("the limit seen in force was %d, %d publishes were refused, %d messages set aside: %v",
			q.limit, refused, parked, err)
	}
	return evident(map[string]float64{"refused": float64(refused), "set_aside": float64(parked)},
		"the broker showed the limit of %d in force; %d publishes were refused, %d messages set aside", q.limit, refused, parked)
}
