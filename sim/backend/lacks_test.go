package backend

import (
	"slices"
	"strings"
	"testing"

	"squall/sim"
)

func chosen(t *testing.T, text string) Choice {
	t.Helper()
	c, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shop is a system with a broker and a database; its service a has a queue.
var shop = sim.System{
	Variant:   "shop",
	Processes: []sim.ProcessSpec{{Service: "a", Servers: []string{sim.RoleBroker, sim.RoleDatabase}}},
	Links:     []sim.LinkSpec{{From: "a", To: sim.RoleBroker}, {From: "a", To: sim.RoleDatabase}},
	Queues:    []sim.QueueSpec{{Service: "a"}},
}

// simple is one without a broker.
var simple = sim.System{
	Variant:   "simple",
	Processes: []sim.ProcessSpec{{Service: "a", Servers: []string{sim.RoleDatabase}}},
	Links:     []sim.LinkSpec{{From: "a", To: sim.RoleDatabase}},
}

var faultKinds = map[string]sim.FaultKind{
	"alarm":  {Name: "alarm", Class: sim.TargetServer, Only: sim.RoleBroker, Needs: []sim.Capability{sim.BrokerAlarm}},
	"halt":   {Name: "halt", Class: sim.TargetServer, Needs: []sim.Capability{sim.ServerPause}},
	"delay":  {Name: "delay", Class: sim.TargetLink, Needs: []sim.Capability{sim.NetworkLink, sim.NetworkShape}},
	"slowdb": {Name: "slowdb", Class: sim.TargetLink, Only: sim.RoleDatabase, Needs: []sim.Capability{sim.NetworkLink, sim.NetworkShape}},
	"fill":   {Name: "fill", Class: sim.TargetQueue, Server: sim.RoleBroker, Needs: []sim.Capability{sim.QueueLimit, sim.ProcessPause}},
	"lead":   {Name: "lead", Class: sim.TargetQueue, Server: sim.RoleBroker, Nodes: 3, Needs: []sim.Capability{sim.BrokerCluster}},
	"kill":   {Name: "kill", Class: sim.TargetProcess, Needs: []sim.Capability{sim.ProcessKill}},
	"magic":  {Name: "magic", Class: sim.TargetServer, Only: sim.RoleDatabase, Needs: []sim.Capability{sim.BrokerAlarm}},
}

const (
	useRabbit = "; use --backing container or a broker of: rabbitmq"
	useMaria  = "; use --backing container or a database of: mariadb"
)

func TestCannot(t *testing.T) {
	both := []sim.System{simple, shop}
	for _, c := range []struct {
		why, servers, kind, target string
		systems                    []sim.System
		want                       string
	}{
		{"the broker has no alarm", "embedded", "alarm", "broker", both, "needs broker.alarm, which jetstream lacks" + useRabbit},
		{"it has one, whatever the database", "rabbitmq,sqlite", "alarm", "broker", both, ""},
		{"the broker of a queue", "jetstream,mariadb", "fill", "a", both, "needs queue.limit, which jetstream lacks" + useRabbit},
		{"a cluster", "embedded", "lead", "a", both, "needs broker.cluster, which jetstream lacks" + useRabbit},
		{"files cannot be stopped", "rabbitmq,sqlite", "halt", "database", both, "needs server.pause, which sqlite lacks" + useMaria},
		{"a database in a container can", "jetstream,mariadb", "halt", "database", both, ""},
		{"no link leads to files, by their role", "embedded", "delay", "database", both, "needs network.link, which sqlite lacks" + useMaria},
		{"nor by the link's own name", "embedded", "delay", "a->database", both, "needs network.link, which sqlite lacks" + useMaria},
		{"nor for a fault of the database alone", "rabbitmq,sqlite", "slowdb", "database", both,
			"needs network.link, which sqlite lacks" + useMaria},
		{"a link to the broker, where one variant has it", "embedded", "delay", "broker", both, ""},
		{"a link that no variant has", "container", "delay", "broker", []sim.System{simple}, "no variant has such a target"},
		{"a process needs nothing of a server", "embedded", "kill", "a", both, ""},
		{"what no server can do", "container", "magic", "database", both, "needs broker.alarm, which mariadb lacks; no backend has it"},
	} {
		if got := chosen(t, c.servers).Cannot(faultKinds[c.kind], c.target, c.systems); got != c.want {
			t.Errorf("%s: %s on %s: %q, expected %q", c.why, c.kind, c.servers, got, c.want)
		}
	}
}

func TestRefuse(t *testing.T) {
	systems := map[string]sim.System{"simple": simple, "shop": shop}
	sc := sim.Scenario{Name: "storm", Nodes: 3, Variants: []string{"simple", "shop"}, Faults: []sim.FaultSpec{
		{Kind: "kill", Target: "a"}, {Kind: "alarm", Target: "broker"}, {Kind: "delay", Target: "database"},
	}}
	for _, c := range []struct{ servers, reason, want string }{
		{"container", "", ""},
		{"rabbitmq,sqlite", "", "storm cannot be run on the rabbitmq,sqlite backing:\n" +
			"  fault 3, delay database: needs network.link, which sqlite lacks" + useMaria},
		{"embedded", "no engine", "storm cannot be run on the embedded backing:\n" +
			"  a broker of 3 nodes needs broker.cluster, which jetstream lacks" + useRabbit + "\n" +
			"  fault 2, alarm broker: needs broker.alarm, which jetstream lacks" + useRabbit + "\n" +
			"  fault 3, delay database: needs network.link, which sqlite lacks" + useMaria + "\n" +
			"(the backing was chosen because: no engine)"},
	} {
		choice := chosen(t, c.servers)
		choice.Reason = c.reason
		err := choice.Refuse(sc, faultKinds, systems)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("%s: %v\nexpected %s", c.servers, err, c.want)
		}
	}
}

func TestWhere(t *testing.T) {
	for kind, want := range map[string]string{
		"alarm": "rabbitmq", "slowdb": "mariadb", "lead": "rabbitmq, with 3 nodes", "kill": "", "delay": "", "halt": "",
	} {
		if got := Where(faultKinds[kind]); got != want {
			t.Errorf("%s can be had on %q, expected %q", kind, got, want)
		}
	}
	if got := Having(sim.NetworkLink); !slices.Equal(got, []string{"jetstream", "rabbitmq", "mariadb"}) {
		t.Errorf("network.link is a capability of %v", got)
	}
	if got := Having(sim.ProcessKill); got != nil {
		t.Errorf("process.kill is a capability of the servers %v", got)
	}
}

// TestBackendsCan holds what each backend says can be done to its server to what
// the server that it gives a trial really implements, both ways.
func TestBackendsCan(t *testing.T) {
	at := func(port string) *containers {
		return &containers{nodes: []*node{{addrs: map[string]string{port: "127.0.0.1:1"}}}}
	}
	files, err := sqlite{}.CreateNamespace(t.Context(), sim.NamespaceSpec{})
	if err != nil {
		t.Fatal(err)
	}
	servers := map[string]sim.Server{
		"rabbitmq":  (&rabbit{containers: at(amqpPort)}).server("a"),
		"mariadb":   (&mariadb{containers: at(sqlPort)}).server("a"),
		"jetstream": (&jetstreamServer{addr: "127.0.0.1:1"}).server(),
		"sqlite":    files.Server,
	}
	for _, b := range All() {
		server, ok := servers[b.Name]
		if !ok {
			t.Errorf("%s gives no server to this test", b.Name)
			continue
		}
		can := sim.ServerCan(server)
		for _, c := range sim.CapabilityList() {
			if says, is := slices.Contains(b.Can, c.Name), slices.Contains(can, c.Name); says != is {
				t.Errorf("%s says that it has %s: %v; its server has it: %v", b.Name, c.Name, says, is)
			}
		}
		if server.Named == "" || len(server.Env) == 0 || strings.Contains(b.Summary, "\n") {
			t.Errorf("%s tells processes nothing of itself: %+v", b.Name, server)
		}
	}
}
