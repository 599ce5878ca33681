package backend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	rabbithole "github.com/michaelklishin/rabbit-hole/v3"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/testcontainers/testcontainers-go"
	"golang.org/x/sync/errgroup"

	"squall/sim"
)

const rabbitUser = "squall"

// The ports of a RabbitMQ node.
const (
	amqpPort   = "5672"
	managePort = "15672"
)

// rabbit is the RabbitMQ of a run: one node, or a cluster of several.
type rabbit struct {
	nodes    []*node
	manage   []*rabbithole.Client // of each node
	password string

	limitsMu sync.Mutex
	limits   map[string]int // that nodes had before they were starved, in bytes
}

// runRabbit starts the nodes. More than one find each other by their names, on a
// network of their own.
func (b *containers) runRabbit(ctx context.Context, image string, nodes int) error {
	specs := make([]nodeSpec, nodes)
	for i := range specs {
		specs[i] = nodeSpec{
			name: "broker", image: image, ports: []string{amqpPort, managePort},
			env: map[string]string{"RABBITMQ_DEFAULT_USER": rabbitUser, "RABBITMQ_DEFAULT_PASS": b.password},
		}
		if nodes > 1 {
			specs[i].name = fmt.Sprintf("broker-%d", i+1)
			specs[i].network = b.network
			specs[i].env["RABBITMQ_NODENAME"] = "rabbit@" + specs[i].name
			specs[i].env["RABBITMQ_ERLANG_COOKIE"] = b.cookie
			specs[i].files = []testcontainers.ContainerFile{clusterFile(nodes)}
		}
	}
	b.rabbit = &rabbit{nodes: make([]*node, nodes), password: b.password, limits: map[string]int{}}
	var g errgroup.Group
	for i, spec := range specs {
		g.Go(func() (err error) { b.rabbit.nodes[i], err = b.run(ctx, spec); return err })
	}
	return g.Wait()
}

// clusterFile is the piece of configuration that makes nodes a cluster.
func clusterFile(nodes int) testcontainers.ContainerFile {
	var b strings.Builder
	b.WriteString("cluster_formation.peer_discovery_backend = classic_config\n")
	for i := range nodes {
		fmt.Fprintf(&b, "cluster_formation.classic_config.nodes.%d = rabbit@broker-%d\n", i+1, i+1)
	}
	return testcontainers.ContainerFile{
		Reader: strings.NewReader(b.String()), ContainerFilePath: "/etc/rabbitmq/conf.d/20-cluster.conf", FileMode: 0o644,
	}
}

// ready waits until every node completes an AMQP handshake, and until all of
// them see each other. It returns the version.
func (r *rabbit) ready(ctx context.Context) (version string, err error) {
	for i := range r.nodes {
		if version, err = r.handshake(ctx, i); err != nil {
			return "", fmt.Errorf("%s did not complete an AMQP handshake within %s: %w", r.nodes[i].name, serverReady, err)
		}
	}
	for _, n := range r.nodes {
		m, err := rabbithole.NewClient("http://"+n.addrs[managePort], rabbitUser, r.password)
		if err != nil {
			return "", err
		}
		m.SetTimeout(10 * time.Second)
		r.manage = append(r.manage, m)
	}
	for _, m := range r.manage {
		if err := r.poll(ctx, func() error { return together(m, len(r.nodes)) }); err != nil {
			return "", fmt.Errorf("the broker's management API did not show %d nodes within %s: %w", len(r.nodes), serverReady, err)
		}
	}
	return version, nil
}

// together reports whether a node sees so many of its kind running.
func together(m *rabbithole.Client, want int) error {
	nodes, err := m.ListNodes()
	if err != nil {
		return err
	}
	running := 0
	for _, n := range nodes {
		if n.IsRunning {
			running++
		}
	}
	if running < want {
		return fmt.Errorf("saw %d nodes running, expected %d", running, want)
	}
	return nil
}

// handshake waits until a node completes an AMQP handshake, and returns its
// version.
func (r *rabbit) handshake(ctx context.Context, i int) (version string, err error) {
	err = r.poll(ctx, func() error {
		conn, err := r.dial(ctx, i, "/")
		if err != nil {
			return err
		}
		version, _ = conn.Properties["version"].(string)
		return conn.Close()
	})
	return version, err
}

// dialTime bounds a connection to a node and its handshake.
const dialTime = 2 * time.Second

func (r *rabbit) dial(ctx context.Context, i int, vhost string) (*amqp.Connection, error) {
	within := dialTime
	if deadline, ok := ctx.Deadline(); ok {
		within = max(time.Millisecond, min(within, time.Until(deadline)))
	}
	return amqp.DialConfig("amqp://"+r.nodes[i].addrs[amqpPort], amqp.Config{
		SASL:  []amqp.Authentication{&amqp.PlainAuth{Username: rabbitUser, Password: r.password}},
		Vhost: vhost, Dial: amqp.DefaultDial(within),
	})
}

func (r *rabbit) poll(ctx context.Context, try func() error) error { return poll(ctx, r.nodes, try) }

// ask puts a question to the management API of one node after another, until
// one answers.
func (r *rabbit) ask(question func(*rabbithole.Client) error) error {
	var errs []error
	for i, m := range r.manage {
		if r.nodes[i].held.Load() {
			continue
		}
		err := question(m)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (r *rabbit) createNamespace(vhost string) error {
	return r.ask(func(m *rabbithole.Client) error {
		res, err := m.PutVhost(vhost, rabbithole.VhostSettings{})
		if err == nil {
			res.Body.Close()
		}
		return err
	})
}

func (r *rabbit) dropNamespace(vhost string) error {
	return r.ask(func(m *rabbithole.Client) error {
		res, err := m.DeleteVhost(vhost)
		if err == nil {
			res.Body.Close()
		}
		return err
	})
}

// server is what a trial is told of the broker.
func (r *rabbit) server(vhost string) sim.Server {
	s := sim.Server{Protocol: "amqp", Named: "RabbitMQ", Control: &rabbitRoom{r, vhost}, Env: map[string]string{
		"SQUALL_BROKER": "rabbitmq", "SQUALL_BROKER_USER": rabbitUser, "SQUALL_BROKER_PASSWORD": r.password, "SQUALL_BROKER_VHOST": vhost,
	}}
	var all meters
	for _, n := range r.nodes {
		s.Addrs = append(s.Addrs, n.addrs[amqpPort])
		all = append(all, n.meter)
	}
	s.Meter = all
	return s
}
