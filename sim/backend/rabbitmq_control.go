package backend

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	rabbithole "github.com/michaelklishin/rabbit-hole/v3"

	"squall/sim"
)

// rabbitNamespace is what a trial's faults can do to RabbitMQ, within the trial's
// virtual host where that makes a difference.
type rabbitNamespace struct {
	*rabbit
	vhost string
}

var _ interface {
	sim.ServerControl
	sim.ServerPauser
	sim.Alarmed
	sim.Capped
	sim.Cluster
	sim.MessageInjector
} = (*rabbitNamespace)(nil)

// Down ends all nodes.
func (r *rabbitNamespace) Down(ctx context.Context, orderly bool) (string, error) {
	return r.down(ctx, orderly)
}

// Up starts all nodes and waits until each answers.
func (r *rabbitNamespace) Up(ctx context.Context) error {
	for _, n := range r.nodes {
		if err := n.up(ctx); err != nil {
			return err
		}
	}
	for i := range r.nodes {
		if err := r.await(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// await waits until a node that was started answers.
func (r *rabbitNamespace) await(ctx context.Context, i int) error {
	defer r.nodes[i].held.Store(false)
	if _, err := r.handshake(ctx, i); err != nil {
		return fmt.Errorf("%s does not answer again: %w", r.nodes[i].name, err)
	}
	if err := r.poll(ctx, func() error { return together(r.manage[i], 1) }); err != nil {
		return fmt.Errorf("the management API of %s does not answer again: %w", r.nodes[i].name, err)
	}
	return nil
}

// Answers completes an AMQP handshake with every node.
func (r *rabbitNamespace) Answers(ctx context.Context) error {
	for i := range r.nodes {
		if _, err := r.handshake(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// Starve sets a limit that is out of reach on every node, or the one that it
// had at first.
func (r *rabbitNamespace) Starve(ctx context.Context, resource string, on bool) error {
	for i, n := range r.nodes {
		had, err := r.limits.of(n.name, resource, func() (int, error) {
			nodes, err := r.manage[i].ListNodes()
			if err != nil {
				return 0, err
			}
			return limitIn(nodes, n.name, resource)
		})
		if err != nil {
			return fmt.Errorf("read the %s limit of %s: %w", resource, n.name, err)
		}
		if err := n.command(ctx, limitCommand(resource, on, had)...); err != nil {
			return err
		}
	}
	return nil
}

// Alarm asks for the alarms in effect, and how many of the trial's connections
// are blocked, or about to be. The broker updates its list of connections every
// few seconds.
func (r *rabbitNamespace) Alarm(_ context.Context, resource string) (on bool, blocked int, err error) {
	err = r.ask(func(m *rabbithole.Client) error {
		check, err := m.HealthCheckAlarms()
		if err != nil {
			return err
		}
		on = false
		for _, a := range check.Alarms {
			on = on || strings.HasPrefix(a.Resource, resource) // "memory", "disk space"
		}
		connections, err := m.ListConnections()
		blocked = 0
		for _, c := range connections {
			if c.Vhost == r.vhost && strings.HasPrefix(c.State, "block") {
				blocked++
			}
		}
		return err
	})
	return on, blocked, err
}

// capPolicy is the policy by which a queue gets a limit. A policy's overflow
// overrides the one that the queue was declared with.
const capPolicy = "squall-queue-full"

// Cap sets or removes the policy.
func (r *rabbitNamespace) Cap(_ context.Context, queue sim.QueueSpec, length int, overflow string) error {
	return r.order(func(m *rabbithole.Client) (*http.Response, error) {
		if length < 0 {
			return m.DeletePolicy(r.vhost, capPolicy)
		}
		return m.PutPolicy(r.vhost, capPolicy, rabbithole.Policy{
			Pattern: "^" + queue.Name + "$", ApplyTo: "queues", Priority: 10,
			Definition: rabbithole.PolicyDefinition{"max-length": length, "overflow": overflow},
		})
	})
}

// Capacity reads the policy, and counts the parked messages.
func (r *rabbitNamespace) Capacity(ctx context.Context, queue sim.QueueSpec) (length, parked int, err error) {
	err = r.ask(func(m *rabbithole.Client) error {
		length = -1
		policies, err := m.ListPoliciesIn(r.vhost)
		for _, p := range policies {
			if v, ok := p.Definition["max-length"].(float64); ok && p.Name == capPolicy {
				length = int(v)
			}
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	ch, done, err := r.channel(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer done()
	set, err := ch.QueueDeclarePassive(queue.Parked, true, false, false, false, nil)
	return length, set.Messages, err
}

// Leader asks for the queue's leader and members.
func (r *rabbitNamespace) Leader(_ context.Context, queue sim.QueueSpec) (name string, online int, err error) {
	err = r.ask(func(m *rabbithole.Client) error {
		q, err := m.GetQueue(r.vhost, queue.Name)
		if err == nil {
			name, online = strings.TrimPrefix(q.Leader, rabbitName("")), len(q.Online)
		}
		return err
	})
	return name, online, err
}

func (r *rabbitNamespace) node(name string) (int, error) {
	for i, n := range r.nodes {
		if n.name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no node of the broker is named %q", name)
}

// KillNode kills one node.
func (r *rabbitNamespace) KillNode(ctx context.Context, name string) (string, error) {
	i, err := r.node(name)
	if err != nil {
		return "", err
	}
	return r.nodes[i].down(ctx, false)
}

// StartNode starts it again.
func (r *rabbitNamespace) StartNode(ctx context.Context, name string) error {
	i, err := r.node(name)
	if err != nil {
		return err
	}
	if err := r.nodes[i].up(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, serverReady)
	defer cancel()
	return r.await(ctx, i)
}
