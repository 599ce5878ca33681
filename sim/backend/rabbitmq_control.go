package backend

import (
	"context"
	"fmt"
	"strings"

	rabbithole "github.com/michaelklishin/rabbit-hole/v3"

	"squall/sim"
)

// rabbitRoom is what a trial's faults can do to RabbitMQ, within the trial's
// virtual host where that makes a difference.
type rabbitRoom struct {
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
} = (*rabbitRoom)(nil)

// Down ends all nodes.
func (r *rabbitRoom) Down(ctx context.Context, orderly bool) (string, error) {
	return downAll(ctx, r.nodes, orderly)
}

// Up starts all nodes and waits until they answer, and see each other.
func (r *rabbitRoom) Up(ctx context.Context) error {
	for _, n := range r.nodes {
		if err := n.up(ctx); err != nil {
			return err
		}
	}
	for i := range r.nodes {
		if err := r.back(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// back waits until a node that was started answers.
func (r *rabbitRoom) back(ctx context.Context, i int) error {
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
func (r *rabbitRoom) Answers(ctx context.Context) error {
	for i := range r.nodes {
		if _, err := r.handshake(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (r *rabbitRoom) Pause(ctx context.Context) error  { return pauseAll(ctx, r.nodes, true) }
func (r *rabbitRoom) Resume(ctx context.Context) error { return pauseAll(ctx, r.nodes, false) }

func (r *rabbitRoom) Paused(ctx context.Context) (bool, error) { return pausedAll(ctx, r.nodes) }

// Starve sets a limit that is out of reach on every node, or the one that it
// had at first. The limits are in bytes.
func (r *rabbitRoom) Starve(ctx context.Context, resource string, on bool) error {
	for i, n := range r.nodes {
		limit, err := r.ownLimit(i, resource)
		if err != nil {
			return err
		}
		argv := []string{"rabbitmqctl", "-q", "set_vm_memory_high_watermark", "absolute"}
		starved := outOfMemory
		if resource == "disk" {
			argv, starved = []string{"rabbitmqctl", "-q", "set_disk_free_limit"}, outOfDisk
		}
		if on {
			limit = starved
		}
		if err := n.command(ctx, append(argv, fmt.Sprint(limit))...); err != nil {
			return err
		}
	}
	return nil
}

// What no node has: so little memory in use, so much disk free.
const (
	outOfMemory = 1_000_000
	outOfDisk   = 1_000_000_000_000_000
)

// ownLimit is the limit that a node had before it was ever starved. It is read
// once: what the broker tells of its limits lags behind what was set.
func (r *rabbitRoom) ownLimit(i int, resource string) (int, error) {
	key := r.nodes[i].name + " " + resource
	r.limitsMu.Lock()
	defer r.limitsMu.Unlock()
	if limit, known := r.limits[key]; known {
		return limit, nil
	}
	limit, err := r.limit(i, resource)
	if err == nil {
		r.limits[key] = limit
	}
	return limit, err
}

// limit reads the limit that a node has at present.
func (r *rabbitRoom) limit(i int, resource string) (int, error) {
	nodes, err := r.manage[i].ListNodes()
	if err != nil {
		return 0, err
	}
	for _, n := range nodes {
		if len(r.nodes) > 1 && n.Name != "rabbit@"+r.nodes[i].name {
			continue
		}
		if resource == "disk" {
			return n.DiskFreeLimit, nil
		}
		return n.MemLimit, nil
	}
	return 0, fmt.Errorf("the management API does not know %s", r.nodes[i].name)
}

// Alarm asks for the alarms in effect, and how many of the trial's connections
// are blocked, or about to be. The broker tells of connections once in a while.
func (r *rabbitRoom) Alarm(_ context.Context, resource string) (on bool, blocked int, err error) {
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

// capPolicy is the policy by which a queue gets a limit. A policy of an overflow
// comes before what the queue was declared with.
const capPolicy = "squall-queue-full"

// Cap sets or removes the policy.
func (r *rabbitRoom) Cap(_ context.Context, queue sim.QueueSpec, length int, overflow string) error {
	return r.ask(func(m *rabbithole.Client) error {
		if length < 0 {
			res, err := m.DeletePolicy(r.vhost, capPolicy)
			if err == nil {
				res.Body.Close()
			}
			return err
		}
		res, err := m.PutPolicy(r.vhost, capPolicy, rabbithole.Policy{
			Pattern: "^" + queue.Name + "$", ApplyTo: "queues", Priority: 10,
			Definition: rabbithole.PolicyDefinition{"max-length": length, "overflow": overflow},
		})
		if err == nil {
			res.Body.Close()
		}
		return err
	})
}

// Capacity reads the policy, and counts the parked messages.
func (r *rabbitRoom) Capacity(ctx context.Context, queue sim.QueueSpec) (length, parked int, err error) {
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
func (r *rabbitRoom) Leader(_ context.Context, queue sim.QueueSpec) (name string, online int, err error) {
	err = r.ask(func(m *rabbithole.Client) error {
		q, err := m.GetQueue(r.vhost, queue.Name)
		if err == nil {
			name, online = strings.TrimPrefix(q.Leader, "rabbit@"), len(q.Online)
		}
		return err
	})
	return name, online, err
}

func (r *rabbitRoom) node(name string) (int, error) {
	for i, n := range r.nodes {
		if n.name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no node of the broker is named %q", name)
}

// KillNode kills one node.
func (r *rabbitRoom) KillNode(ctx context.Context, name string) (string, error) {
	i, err := r.node(name)
	if err != nil {
		return "", err
	}
	return r.nodes[i].down(ctx, false)
}

// StartNode starts it again.
func (r *rabbitRoom) StartNode(ctx context.Context, name string) error {
	i, err := r.node(name)
	if err != nil {
		return err
	}
	if err := r.nodes[i].up(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, serverReady)
	defer cancel()
	return r.back(ctx, i)
}
