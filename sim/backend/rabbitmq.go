package backend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	rabbithole "github.com/michaelklishin/rabbit-hole/v3"
	amqp "github.com/rabbitmq/amqp091-go"

	"squall/sim"
)

func init() {
	register(Backend{
		Name: "rabbitmq", Role: sim.RoleBroker, Provided: ByContainer,
		Summary: "RabbitMQ in containers, one node or a cluster; needs a container engine and the image",
		Can: []sim.Capability{
			sim.NetworkLink, sim.ServerRestart, sim.ServerPause, sim.BrokerAlarm, sim.BrokerCluster, sim.QueueLimit, sim.QueueInject,
		},
		images: Images{Official: "rabbitmq:4.1-management", Local: "squall/rabbitmq:latest"},
		start:  startRabbit,
	})
}

const rabbitUser = "squall"

// The ports of a RabbitMQ node.
const (
	amqpPort   = "5672"
	managePort = "15672"
)

// rabbit is the RabbitMQ of a run: one node, or a cluster of several. Each trial
// gets a virtual host of its own.
type rabbit struct {
	*containers
	manage    []*rabbithole.Client // the management API of each node
	transport *http.Transport      // of these
	password  string
	version   string
	limits    limits
}

func startRabbit(ctx context.Context, s startSpec) (Driver, error) {
	r := &rabbit{containers: newContainers(s), transport: &http.Transport{}, password: secret()}
	nodes := max(1, s.Nodes)
	err := r.run(ctx, nodes)
	if err == nil {
		err = r.ready(ctx, nodes)
	}
	if err != nil {
		r.transport.CloseIdleConnections()
		return nil, r.abandon(ctx, err)
	}
	return r, nil
}

// run starts the nodes. More than one find each other by their names, on a
// network of their own.
func (r *rabbit) run(ctx context.Context, nodes int) (err error) {
	if nodes > 1 {
		if r.network, err = r.engine.makeNetwork(ctx, r.labels[labelRun]); err != nil {
			return err
		}
	}
	return r.containers.run(ctx, rabbitNodes(nodes, r.password, secret())...)
}

// rabbitNodes says what the nodes are made of; those of a cluster share a cookie.
func rabbitNodes(nodes int, password, cookie string) []nodeSpec {
	specs := make([]nodeSpec, nodes)
	for i := range specs {
		env := map[string]string{"RABBITMQ_DEFAULT_USER": rabbitUser, "RABBITMQ_DEFAULT_PASS": password}
		specs[i] = nodeSpec{name: sim.RoleBroker, ports: []string{amqpPort, managePort}, env: env}
		if nodes > 1 {
			specs[i].name = clusterNode(i)
			specs[i].files = map[string]string{"/etc/rabbitmq/conf.d/20-cluster.conf": clusterConfig(nodes)}
			env["RABBITMQ_NODENAME"] = rabbitName(clusterNode(i))
			env["RABBITMQ_ERLANG_COOKIE"] = cookie
		}
	}
	return specs
}

// clusterNode is the name of a cluster's node, and of its host in the cluster's
// network.
func clusterNode(i int) string { return fmt.Sprintf("%s-%d", sim.RoleBroker, i+1) }

// rabbitName is what RabbitMQ calls a node.
func rabbitName(node string) string { return "rabbit@" + node }

// clusterConfig is the piece of configuration that makes nodes a cluster.
func clusterConfig(nodes int) string {
	var b strings.Builder
	b.WriteString("cluster_formation.peer_discovery_backend = classic_config\n")
	for i := range nodes {
		fmt.Fprintf(&b, "cluster_formation.classic_config.nodes.%d = %s\n", i+1, rabbitName(clusterNode(i)))
	}
	return b.String()
}

// ready waits until every node completes an AMQP handshake, and until all of
// them see each other.
func (r *rabbit) ready(ctx context.Context, nodes int) (err error) {
	ctx, cancel := context.WithTimeout(ctx, serverReady)
	defer cancel()
	for i, n := range r.nodes {
		if r.version, err = r.handshake(ctx, i); err != nil {
			return fmt.Errorf("%s did not complete an AMQP handshake within %s: %w", n.name, serverReady, err)
		}
		m, err := rabbithole.NewTLSClient("http://"+n.addrs[managePort], rabbitUser, r.password, r.transport)
		if err != nil {
			return err
		}
		m.SetTimeout(10 * time.Second)
		r.manage = append(r.manage, m)
	}
	for _, m := range r.manage {
		if err := r.poll(ctx, func() error { return together(m, nodes) }); err != nil {
			return fmt.Errorf("the broker's management API did not show %d nodes within %s: %w", nodes, serverReady, err)
		}
	}
	return nil
}

// together reports whether a node sees so many of the cluster's nodes running.
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
		version, _ = conn.Properties["version"].(string) // "" where the broker does not tell
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

// ask puts a question to the management API of one node after another, until
// one answers.
func (r *rabbit) ask(question func(*rabbithole.Client) error) error {
	errs := []error{errors.New("no node's management API answers")}
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

// order is a question whose answer is its status alone.
func (r *rabbit) order(do func(*rabbithole.Client) (*http.Response, error)) error {
	return r.ask(func(m *rabbithole.Client) error {
		res, err := do(m)
		if err == nil {
			err = res.Body.Close()
		}
		return err
	})
}

// Info says what serves.
func (r *rabbit) Info() Info {
	version := "RabbitMQ " + r.version
	if n := len(r.nodes); n > 1 {
		version += fmt.Sprintf(", %d nodes", n)
	}
	return Info{Version: version, Image: r.image}
}

// CreateNamespace makes a virtual host.
func (r *rabbit) CreateNamespace(_ context.Context, t sim.NamespaceSpec) (Namespace, error) {
	err := r.order(func(m *rabbithole.Client) (*http.Response, error) {
		return m.PutVhost(t.Name, rabbithole.VhostSettings{})
	})
	if err != nil {
		return Namespace{}, fmt.Errorf("make a virtual host: %w", err)
	}
	stop := r.watch(t)
	return Namespace{Server: r.server(t.Name), Close: func(ctx context.Context) error {
		stop()
		drop := func(m *rabbithole.Client) (*http.Response, error) { return m.DeleteVhost(t.Name) }
		return errors.Join(r.saveLogs(ctx, t), r.order(drop))
	}}, nil
}

// server is what a trial is told of the broker.
func (r *rabbit) server(vhost string) sim.Server {
	s := sim.Server{
		Protocol: "amqp", Named: "RabbitMQ", Control: &rabbitNamespace{r, vhost}, Meter: r.meters(),
		Env: map[string]string{
			"SQUALL_BROKER": "rabbitmq", "SQUALL_BROKER_USER": rabbitUser, "SQUALL_BROKER_PASSWORD": r.password, "SQUALL_BROKER_VHOST": vhost,
		},
	}
	for _, n := range r.nodes {
		s.Addrs = append(s.Addrs, n.addrs[amqpPort])
	}
	return s
}

// Close removes the containers.
func (r *rabbit) Close(ctx context.Context) error {
	r.transport.CloseIdleConnections()
	return r.close(ctx)
}
