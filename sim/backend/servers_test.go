package backend

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"squall/sim"
)

// deeds are what was done to fake drivers, in order.
type deeds struct {
	mu   sync.Mutex
	done []string
}

func (l *deeds) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = append(l.done, fmt.Sprintf(format, args...))
}

// fakeServer is a backend whose driver does nothing, and fails where it is told
// to.
type fakeServer struct {
	name, role                  string
	log                         *deeds
	start, create, drop, ending error
}

func (f fakeServer) backend() Backend {
	return Backend{Name: f.name, Role: f.role, Provided: ByFiles, start: func(_ context.Context, s startSpec) (Driver, error) {
		f.log.add("start %s with %d nodes", f.name, s.Nodes)
		return f, f.start
	}}
}

func (f fakeServer) Info() Info { return Info{Version: f.name + " 1.0"} }

func (f fakeServer) CreateNamespace(_ context.Context, t sim.NamespaceSpec) (Namespace, error) {
	if f.create != nil {
		return Namespace{}, f.create
	}
	f.log.add("create %s in %s", t.Name, f.name)
	return Namespace{Server: sim.Server{Named: f.name}, Close: func(ctx context.Context) error {
		f.log.add("drop %s in %s", t.Name, f.name)
		return errors.Join(f.drop, ctx.Err())
	}}, nil
}

func (f fakeServer) Close(ctx context.Context) error {
	f.log.add("end %s", f.name)
	return errors.Join(f.ending, ctx.Err())
}

// says checks that an error has each of some parts.
func says(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error %v, expected one that says %q", err, p)
		}
	}
}

func TestServersOfAChoice(t *testing.T) {
	l := &deeds{}
	choice := Choice{Reason: "because", backends: []Backend{
		fakeServer{name: "alpha", role: sim.RoleBroker, log: l}.backend(), fakeServer{name: "beta", role: sim.RoleDatabase, log: l}.backend(),
	}}
	b, err := choice.Start(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{sim.RoleBroker: "alpha 1.0", sim.RoleDatabase: "beta 1.0"}
	if i := b.Info(); i.Name != "alpha,beta" || i.Reason != "because" || !maps.Equal(i.Servers, want) {
		t.Errorf("info %+v", i)
	}
	slices.Sort(l.done) // they start at once
	if want := []string{"start alpha with 3 nodes", "start beta with 3 nodes"}; !slices.Equal(l.done, want) {
		t.Errorf("it did %q, expected %q", l.done, want)
	}
	l.done = nil
	servers, err := b.CreateNamespace(t.Context(), sim.NamespaceSpec{Name: "async-1"})
	if err != nil {
		t.Fatal(err)
	}
	if servers.ByName[sim.RoleBroker].Named != "alpha" || servers.ByName[sim.RoleDatabase].Named != "beta" || len(servers.ByName) != 2 {
		t.Errorf("servers %+v", servers.ByName)
	}
	if err := servers.Close(t.Context()); err != nil {
		t.Error(err)
	}
	course := []string{"create async-1 in alpha", "create async-1 in beta", "drop async-1 in beta", "drop async-1 in alpha"}
	if !slices.Equal(l.done, course) {
		t.Errorf("it did %q, expected %q", l.done, course)
	}
	l.done = nil
	if err := b.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if slices.Sort(l.done); !slices.Equal(l.done, []string{"end alpha", "end beta"}) {
		t.Errorf("it did %q", l.done)
	}
}

// TestServersThatDoNotStart: the ones that started are ended, whichever failed, and
// every error is told.
func TestServersThatDoNotStart(t *testing.T) {
	for _, c := range []struct {
		why         string
		alpha, beta error // of the start
		ending      error // of the one that started
		says        []string
		ended       []string
	}{
		{"the broker fails", errors.New("no port"), nil, nil, []string{"start alpha: no port"}, []string{"end beta"}},
		{"the database fails", nil, errors.New("no disk"), nil, []string{"start beta: no disk"}, []string{"end alpha"}},
		{"both fail", errors.New("no port"), errors.New("no disk"), nil, []string{"start alpha: no port", "start beta: no disk"}, nil},
		{"one fails, and so does the end of the other", errors.New("no port"), nil, errors.New("it hangs"),
			[]string{"start alpha: no port", "end beta: it hangs"}, []string{"end beta"}},
	} {
		l := &deeds{}
		choice := Choice{backends: []Backend{
			fakeServer{name: "alpha", role: sim.RoleBroker, log: l, start: c.alpha, ending: c.ending}.backend(),
			fakeServer{name: "beta", role: sim.RoleDatabase, log: l, start: c.beta, ending: c.ending}.backend(),
		}}
		// The servers are ended also when a person interrupts the start.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b, err := choice.Start(ctx, 0)
		if b != nil {
			t.Errorf("%s: servers %v with an error", c.why, b)
		}
		says(t, err, c.says...)
		if err != nil && strings.Contains(err.Error(), context.Canceled.Error()) {
			t.Errorf("%s: the end was interrupted, too: %v", c.why, err)
		}
		ended := slices.DeleteFunc(l.done, func(s string) bool { return !strings.HasPrefix(s, "end") })
		if !slices.Equal(ended, c.ended) {
			t.Errorf("%s: it did %q, expected %q", c.why, ended, c.ended)
		}
	}
}

// TestNamespaceThatCannotBeCreated: what was created before is dropped again.
func TestNamespaceThatCannotBeCreated(t *testing.T) {
	l := &deeds{}
	choice := Choice{backends: []Backend{
		fakeServer{name: "alpha", role: sim.RoleBroker, log: l, drop: errors.New("it hangs")}.backend(),
		fakeServer{name: "beta", role: sim.RoleDatabase, log: l, create: errors.New("disk full")}.backend(),
	}}
	b, err := choice.Start(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	l.done = nil
	servers, err := b.CreateNamespace(t.Context(), sim.NamespaceSpec{Name: "async-1"})
	if servers != nil {
		t.Errorf("servers %v with an error", servers)
	}
	says(t, err, "beta: create namespace async-1: disk full", "alpha: drop a namespace: it hangs")
	if want := []string{"create async-1 in alpha", "drop async-1 in alpha"}; !slices.Equal(l.done, want) {
		t.Errorf("it did %q, expected %q", l.done, want)
	}
}

// TestEveryErrorOfAnEndIsTold: one failure keeps no other server from its end.
func TestEveryErrorOfAnEndIsTold(t *testing.T) {
	l := &deeds{}
	choice := Choice{backends: []Backend{
		fakeServer{name: "alpha", role: sim.RoleBroker, log: l, drop: errors.New("a"), ending: errors.New("b")}.backend(),
		fakeServer{name: "beta", role: sim.RoleDatabase, log: l, drop: errors.New("c"), ending: errors.New("d")}.backend(),
	}}
	b, err := choice.Start(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	servers, err := b.CreateNamespace(t.Context(), sim.NamespaceSpec{Name: "async-1"})
	if err != nil {
		t.Fatal(err)
	}
	says(t, servers.Close(t.Context()), "alpha: drop a namespace: a", "beta: drop a namespace: c")
	says(t, b.Close(t.Context()), "end alpha: b", "end beta: d")
}

// TestServerAlone is what a conformance suite starts.
func TestServerAlone(t *testing.T) {
	b, err := Find("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	started, err := b.Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	servers, err := started.CreateNamespace(t.Context(), sim.NamespaceSpec{Name: "async-1"})
	if err != nil {
		t.Fatal(err)
	}
	if s := servers.ByName[sim.RoleDatabase]; s.Env["SQUALL_STORE"] != "sqlite" || s.Control != nil || len(servers.ByName) != 1 {
		t.Errorf("servers %+v", servers.ByName)
	}
	if err := errors.Join(servers.Close(t.Context()), started.Close(t.Context())); err != nil {
		t.Error(err)
	}
	if i := started.Info(); i.Name != "sqlite" || !strings.HasPrefix(i.Servers[sim.RoleDatabase], "SQLite (") {
		t.Errorf("info %+v", i)
	}
}

// TestNoEngine: containers without an engine are one error with what to do.
func TestNoEngine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
	c, err := Choose(t.Context(), "container", Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Start(t.Context(), 1)
	if b != nil {
		t.Fatal("servers without an engine")
	}
	says(t, err, "no container engine answers", "use --backing embedded")
	if n := strings.Count(err.Error(), "no container engine answers"); n != 1 {
		t.Errorf("it says %d times that no engine answers: %v", n, err)
	}
	c, err = Choose(t.Context(), Auto, Options{})
	if err != nil || c.Name() != "embedded" || !strings.Contains(c.Reason, "no container engine answers") {
		t.Errorf("%s because %q, %v", c.Name(), c.Reason, err)
	}
}
