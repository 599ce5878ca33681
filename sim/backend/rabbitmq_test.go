package backend

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	rabbithole "github.com/michaelklishin/rabbit-hole/v3"

	"squall/sim"
)

func TestClusterConfig(t *testing.T) {
	want := `cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = rabbit@broker-1
cluster_formation.classic_config.nodes.2 = rabbit@broker-2
cluster_formation.classic_config.nodes.3 = rabbit@broker-3
`
	if got := clusterConfig(3); got != want {
		t.Errorf("%s\nexpected\n%s", got, want)
	}
}

func TestRabbitNodes(t *testing.T) {
	alone := rabbitNodes(1, "word", "cookie")
	if len(alone) != 1 || alone[0].name != "broker" || len(alone[0].files) > 0 || alone[0].env["RABBITMQ_ERLANG_COOKIE"] != "" ||
		alone[0].env["RABBITMQ_DEFAULT_PASS"] != "word" {
		t.Errorf("one node: %+v", alone)
	}
	three := rabbitNodes(3, "word", "cookie")
	for i, n := range three {
		name := []string{"broker-1", "broker-2", "broker-3"}[i]
		if n.name != name || n.env["RABBITMQ_NODENAME"] != "rabbit@"+name || n.env["RABBITMQ_ERLANG_COOKIE"] != "cookie" ||
			n.files["/etc/rabbitmq/conf.d/20-cluster.conf"] != clusterConfig(3) {
			t.Errorf("node %d of three: %+v", i, n)
		}
	}
	if three[0].env["RABBITMQ_NODENAME"] == three[2].env["RABBITMQ_NODENAME"] {
		t.Error("two nodes share an environment")
	}
}

func TestTogether(t *testing.T) {
	_, m := newFakeManagement(t, map[string]string{
		"nodes": `[{"name":"a","running":true},{"name":"b","running":false},{"name":"c","running":true}]`,
	})
	if err := together(m, 2); err != nil {
		t.Error(err)
	}
	says(t, together(m, 3), "saw 2 nodes running, expected 3")
}

// fakeManagement is RabbitMQ's management API: it answers what is in its table,
// and keeps what it is told.
type fakeManagement struct {
	mu      sync.Mutex
	answers map[string]string // path after /api/ -> JSON
	told    []string          // method, path, body
}

func newFakeManagement(t *testing.T, answers map[string]string) (*fakeManagement, *rabbithole.Client) {
	t.Helper()
	f := &fakeManagement{answers: answers}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		path := strings.TrimPrefix(r.URL.Path, "/api/")
		if r.Method != http.MethodGet {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			f.told = append(f.told, strings.TrimSpace(r.Method+" "+path+" "+string(body)))
			w.WriteHeader(http.StatusNoContent)
			return
		}
		text, ok := f.answers[path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			text = `{"error":"not_found","reason":"` + path + `"}`
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	c, err := rabbithole.NewClient(server.URL, rabbitUser, "word")
	if err != nil {
		t.Fatal(err)
	}
	return f, c
}

// rabbitOf is a RabbitMQ of these nodes, and what a trial's faults can do to it.
func rabbitOf(manage ...*rabbithole.Client) *rabbitNamespace {
	r := &rabbit{containers: &containers{}, manage: manage, transport: &http.Transport{}}
	for i := range manage {
		r.nodes = append(r.nodes, &node{name: clusterNode(i), addrs: map[string]string{amqpPort: "127.0.0.1:1"}})
	}
	return &rabbitNamespace{r, "async-1"}
}

func TestAsk(t *testing.T) {
	_, deaf := newFakeManagement(t, nil)
	_, good := newFakeManagement(t, map[string]string{"overview": `{}`})
	question := func(m *rabbithole.Client) error { _, err := m.Overview(); return err }
	if err := rabbitOf(deaf, good).ask(question); err != nil {
		t.Errorf("one of two nodes answers: %v", err)
	}
	says(t, rabbitOf(deaf, deaf).ask(question), "no node's management API answers", "not_found")
	held := rabbitOf(good)
	held.nodes[0].held.Store(true)
	says(t, held.ask(question), "no node's management API answers")
}

func TestAlarm(t *testing.T) {
	connections := `[{"name":"a","vhost":"async-1","state":"blocked"},{"name":"b","vhost":"async-1","state":"blocking"},
		{"name":"c","vhost":"async-1","state":"running"},{"name":"d","vhost":"another","state":"blocked"}]`
	for _, c := range []struct {
		why, alarms, resource string
		on                    bool
	}{
		{"the memory alarm is on", `{"status":"failed","alarms":[{"node":"a","resource":"memory"}]}`, memory, true},
		{"the disk alarm is on", `{"status":"failed","alarms":[{"node":"a","resource":"disk space"}]}`, disk, true},
		{"another alarm is on", `{"status":"failed","alarms":[{"node":"a","resource":"disk space"}]}`, memory, false},
		{"none is on", `{"status":"ok"}`, memory, false},
	} {
		_, m := newFakeManagement(t, map[string]string{"health/checks/alarms": c.alarms, "connections": connections})
		on, blocked, err := rabbitOf(m).Alarm(t.Context(), c.resource)
		if err != nil || on != c.on || blocked != 2 {
			t.Errorf("%s: on %v, %d of the trial's connections blocked, %v; expected %v and 2", c.why, on, blocked, err, c.on)
		}
	}
	_, deaf := newFakeManagement(t, nil)
	_, _, err := rabbitOf(deaf).Alarm(t.Context(), memory)
	says(t, err, "no node's management API answers")
}

func TestCap(t *testing.T) {
	f, m := newFakeManagement(t, nil)
	r := rabbitOf(m)
	queue := sim.QueueSpec{Name: "inventory"}
	if err := errors.Join(r.Cap(t.Context(), queue, 3, "drop-head"), r.Cap(t.Context(), queue, -1, "")); err != nil {
		t.Fatal(err)
	}
	if len(f.told) != 2 || !strings.HasPrefix(f.told[0], "PUT policies/async-1/squall-queue-full ") ||
		f.told[1] != "DELETE policies/async-1/squall-queue-full" {
		t.Fatalf("it was told %q", f.told)
	}
	var policy rabbithole.Policy
	if err := json.Unmarshal([]byte(f.told[0][strings.Index(f.told[0], "{"):]), &policy); err != nil {
		t.Fatal(err)
	}
	if policy.Pattern != "^inventory$" || policy.Definition["max-length"] != 3.0 || policy.Definition["overflow"] != "drop-head" {
		t.Errorf("policy %+v", policy)
	}
}

func TestLeader(t *testing.T) {
	_, m := newFakeManagement(t, map[string]string{
		"queues/async-1/inventory": `{"leader":"rabbit@broker-2","online":["rabbit@broker-1","rabbit@broker-2"]}`,
	})
	r := rabbitOf(m, m)
	leader, online, err := r.Leader(t.Context(), sim.QueueSpec{Name: "inventory"})
	if err != nil || leader != "broker-2" || online != 2 {
		t.Errorf("leader %s, %d online, %v", leader, online, err)
	}
	if i, err := r.node(leader); err != nil || i != 1 {
		t.Errorf("it is node %d, %v", i, err)
	}
	_, err = r.KillNode(t.Context(), "broker-9")
	says(t, errors.Join(err, r.StartNode(t.Context(), "broker-9")), `no node of the broker is named "broker-9"`)
}

// TestVirtualHost: a trial's virtual host is made and dropped, with what the
// servers wrote kept in between.
func TestVirtualHost(t *testing.T) {
	f, m := newFakeManagement(t, nil)
	engine := newFakeEngine(t)
	set, _ := one(t, engine)
	r := rabbitOf(m).rabbit
	r.containers = set
	set.nodes[0].addrs[amqpPort] = "127.0.0.1:5672"
	spec, _ := trial(t)
	n, err := r.CreateNamespace(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if n.Server.Env["SQUALL_BROKER_VHOST"] != "async-1" || !slices.Equal(n.Server.Addrs, []string{"127.0.0.1:5672"}) {
		t.Errorf("server %+v", n.Server)
	}
	if err := n.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if len(f.told) != 2 || !strings.HasPrefix(f.told[0], "PUT vhosts/async-1") || f.told[1] != "DELETE vhosts/async-1" {
		t.Errorf("it was told %q", f.told)
	}
	engine.fail("/logs", "no")
	set.nodes[0].held.Store(true) // nobody to ask
	_, err = r.CreateNamespace(t.Context(), spec)
	says(t, err, "make a virtual host: no node's management API answers")
	says(t, n.Close(t.Context()), "read the log of the broker", "no node's management API answers")
	if err := r.Close(context.Background()); err != nil || engine.left() > 0 {
		t.Errorf("close: %v; %d containers are left", err, engine.left())
	}
}

// TestClusterThatDoesNotStart: neither the nodes nor their network stay.
func TestClusterThatDoesNotStart(t *testing.T) {
	engine := newFakeEngine(t)
	engine.fail("/start", "no space left")
	d, err := startRabbit(t.Context(), startSpec{
		Options: Options{RunID: "a", FreeAddr: ports(), Nodes: 3}, engine: engine.Engine, image: "an-image",
	})
	if d != nil {
		t.Error("a driver with an error")
	}
	says(t, err, "start the container of the broker-1", "start the container of the broker-3", "no space left")
	engine.locked(func() {
		if len(engine.containers)+len(engine.networks) > 0 {
			t.Errorf("%d containers and %d networks are left", len(engine.containers), len(engine.networks))
		}
	})
}

// TestRabbitThatEndsAtOnce: the error says that the container ended, and quotes
// what it wrote.
func TestRabbitThatEndsAtOnce(t *testing.T) {
	engine := newFakeEngine(t)
	engine.dies = "bad configuration"
	_, err := startRabbit(t.Context(), startSpec{
		Options: Options{RunID: "a", FreeAddr: ports()}, engine: engine.Engine, image: "an-image",
	})
	says(t, err, "broker did not complete an AMQP handshake", "the container of the broker ended with status 1", "bad configuration")
	if engine.left() > 0 {
		t.Errorf("%d containers are left", engine.left())
	}
}
