package fault

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
	"squall/sim/link"
	"squall/sim/proc"
)

// uses collects the capabilities that a fault makes use of.
type uses struct {
	mu   sync.Mutex
	seen map[sim.Capability]bool
}

func (u *uses) of(all ...sim.Capability) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range all {
		u.seen[c] = true
	}
}

// inertProcess, inertLink and inertServer are things of which everything can be
// asked, and nothing happens.
type inertProcess struct{ *uses }

func (inertProcess) Name() string    { return "inert-1" }
func (inertProcess) Service() string { return "inert" }
func (inertProcess) Addr() string    { return "" }

func (p inertProcess) Kill() (string, error) {
	p.of(sim.ProcessKill)
	return "running", errors.New("expected death by SIGKILL")
}
func (p inertProcess) Restart(context.Context) error { p.of(sim.ProcessKill); return nil }
func (p inertProcess) Alive() bool                   { p.of(sim.ProcessKill); return true }
func (p inertProcess) Stop(context.Context)          { p.of(sim.ProcessStop) }
func (p inertProcess) Pause() error                  { p.of(sim.ProcessPause); return nil }
func (p inertProcess) Resume() error                 { p.of(sim.ProcessPause); return nil }
func (p inertProcess) Resources() (sim.Resources, error) {
	p.of(sim.ProcessMeter)
	return sim.Resources{State: "S"}, nil
}
func (p inertProcess) CrashAt(ctx context.Context, _ string, _ int) (string, error) {
	p.of(sim.ProcessFailpoint)
	<-ctx.Done()
	return "", ctx.Err()
}
func (p inertProcess) Degrade(context.Context, sim.Degradation) (sim.DegradationReport, error) {
	p.of(sim.ProcessDegrade)
	return sim.DegradationReport{Worked: 10, Charged: 10}, nil
}

type inertLink struct{ *uses }

func (inertLink) Name() string { return "inert->inert" }
func (l inertLink) RoundTrip(context.Context) (time.Duration, error) {
	l.of(sim.NetworkLink)
	return time.Millisecond, nil
}
func (l inertLink) Shape(sim.Shape)         { l.of(sim.NetworkLink, sim.NetworkShape) }
func (l inertLink) Cut() (int, error)       { l.of(sim.NetworkLink, sim.NetworkCut); return 0, nil }
func (l inertLink) Block(bool) (int, error) { l.of(sim.NetworkLink, sim.NetworkCut); return 0, nil }
func (l inertLink) Reset(time.Duration) (int, error) {
	l.of(sim.NetworkLink, sim.NetworkCut)
	return 0, nil
}
func (l inertLink) Spare() { l.of(sim.NetworkLink, sim.NetworkCut) }
func (l inertLink) Traffic() sim.Traffic {
	l.of(sim.NetworkLink, sim.NetworkCount)
	return sim.Traffic{Accepted: 5, Open: 5, Requests: 100}
}
func (l inertLink) OpenProbe(context.Context) (sim.ProbeConn, error) {
	l.of(sim.NetworkLink)
	near, far := net.Pipe()
	go func() { _, _ = io.Copy(far, far) }() // answers
	return echo{near}, nil
}

type echo struct{ net.Conn }

func (e echo) Probe() error {
	go func() { _, _ = e.Write([]byte("x")) }()
	return nil
}

func (e echo) Answered() error {
	_, err := e.Read(make([]byte, 1))
	return err
}

type inertServer struct{ *uses }

func (s inertServer) Down(context.Context, bool) (string, error) {
	s.of(sim.ServerRestart)
	return "running", nil
}
func (s inertServer) Up(context.Context) error             { s.of(sim.ServerRestart); return nil }
func (s inertServer) Answers(context.Context) error        { return nil }
func (s inertServer) Pause(context.Context) error          { s.of(sim.ServerPause); return nil }
func (s inertServer) Resume(context.Context) error         { s.of(sim.ServerPause); return nil }
func (s inertServer) Paused(context.Context) (bool, error) { s.of(sim.ServerPause); return false, nil }
func (s inertServer) Starve(context.Context, string, bool) error {
	s.of(sim.BrokerAlarm)
	return nil
}
func (s inertServer) Alarm(context.Context, string) (bool, int, error) {
	s.of(sim.BrokerAlarm)
	return false, 0, nil
}
func (s inertServer) Cap(context.Context, sim.QueueSpec, int, string) error {
	s.of(sim.QueueLimit)
	return nil
}
func (s inertServer) Capacity(context.Context, sim.QueueSpec) (int, int, error) {
	s.of(sim.QueueLimit)
	return -1, 0, nil
}
func (s inertServer) Leader(context.Context, sim.QueueSpec) (string, int, error) {
	s.of(sim.BrokerCluster)
	return "broker-1", 3, nil
}
func (s inertServer) KillNode(context.Context, string) (string, error) {
	s.of(sim.BrokerCluster)
	return "running", nil
}
func (s inertServer) StartNode(context.Context, string) error { s.of(sim.BrokerCluster); return nil }
func (s inertServer) Send(context.Context, sim.QueueSpec, sim.Message) error {
	s.of(sim.QueueInject)
	return nil
}
func (s inertServer) Tap(_ context.Context, _ sim.QueueSpec, n int) ([]sim.Message, error) {
	s.of(sim.QueueInject)
	messages := make([]sim.Message, n)
	for i := range messages {
		messages[i].Body = []byte(`{"version":1}`)
	}
	return messages, nil
}

// inertContext is a fault with settings for every kind.
func inertContext(k sim.FaultKind, p sim.Process, l sim.Proxy, s sim.Server) sim.FaultContext {
	return sim.FaultContext{
		Spec: sim.FaultSpec{Kind: k.Name, For: 300 * time.Millisecond, Params: map[string]any{
			"delay": 50 * time.Millisecond, "by": 10 * time.Millisecond, "rate": 1000.0, "point": "after-commit", "every": 10 * time.Millisecond,
		}},
		Rand: rand.New(rand.NewPCG(1, 2)), Processes: []sim.Process{p}, Proxies: []sim.Proxy{l}, Server: s,
		Queue: sim.QueueSpec{Service: "inert", Types: []string{"a"}}, Seen: func(string, string) int64 { return 0 },
	}
}

// TestWhereNothingHappensNothingIsEvident holds every kind of fault to this: when
// all that it asks for is promised and nothing is done, it must not claim that it
// took hold. Healing it, twice, is no error all the same. And it makes use of the
// capabilities that it declares, of each and of no other.
func TestWhereNothingHappensNothingIsEvident(t *testing.T) {
	alive, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { alive.Close() }) // after the parallel ones
	for _, k := range Sorted() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			used := &uses{seen: map[sim.Capability]bool{}}
			i := k.New(inertContext(k, inertProcess{used}, inertLink{used},
				sim.Server{Addrs: []string{alive.Addr().String()}, Named: "it", Control: inertServer{used}}))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if p, ok := i.(sim.Preparer); ok {
				if err := p.Prepare(ctx); err != nil {
					t.Fatal(err)
				}
			}
			_, _ = i.Inject(ctx) // may well fail
			clock.Sleep(ctx, 300*time.Millisecond)
			for range 2 {
				if err := i.Heal(ctx); err != nil {
					t.Errorf("heal: %v", err)
				}
			}
			if e := i.Evidence(); e.Verdict != sim.Unknown {
				t.Errorf("evidence %+v, expected unknown", e)
			}
			for _, c := range sim.CapabilityList() {
				if needs := slices.Contains(k.Needs, c.Name); needs != used.seen[c.Name] {
					t.Errorf("%s is needed: %v, and was used: %v", c.Name, needs, used.seen[c.Name])
				}
			}
		})
	}
}

// bareProcess, bareLink and bareControl can do nothing beyond what each must.
type bareProcess struct{}

func (bareProcess) Name() string    { return "bare-1" }
func (bareProcess) Service() string { return "bare" }
func (bareProcess) Addr() string    { return "" }

type bareLink struct{}

func (bareLink) Name() string                                     { return "bare->bare" }
func (bareLink) RoundTrip(context.Context) (time.Duration, error) { return 0, nil }
func (bareLink) OpenProbe(context.Context) (sim.ProbeConn, error) {
	return nil, errors.New("none here")
}

type bareControl struct{}

func (bareControl) Down(context.Context, bool) (string, error) { return "", nil }
func (bareControl) Up(context.Context) error                   { return nil }
func (bareControl) Answers(context.Context) error              { return nil }

// TestWhatLacksACapabilityIsRefused: a fault that is aimed at something that
// cannot do what it needs says so when it is injected, and has no evidence.
func TestWhatLacksACapabilityIsRefused(t *testing.T) {
	for _, k := range Sorted() {
		server := sim.Server{Named: "Bare", Addrs: []string{"127.0.0.1:1"}, Control: bareControl{}}
		if slices.Contains(k.Needs, sim.ServerRestart) {
			server.Control = nil
		}
		i := k.New(inertContext(k, bareProcess{}, bareLink{}, server))
		if _, prepares := i.(sim.Preparer); prepares {
			t.Errorf("%s prepares for what cannot be done", k.Name)
		}
		_, err := i.Inject(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), k.Name+" needs ") || !strings.Contains(strings.ToLower(err.Error()), "bare") {
			t.Errorf("%s: error %v, expected one that says what it needs of whom", k.Name, err)
		}
		if err := i.Heal(t.Context()); err != nil {
			t.Errorf("%s: heal: %v", k.Name, err)
		}
		if e := i.Evidence(); e.Verdict != sim.Unknown || !strings.Contains(e.Text, k.Name+" needs ") {
			t.Errorf("%s: evidence %+v, expected unknown with the reason", k.Name, e)
		}
	}
}

// TestLocalProcessesAndLinksCanDoAll: a run on this machine has every capability
// of processes and links, so that faults are refused for their servers alone.
func TestLocalProcessesAndLinksCanDoAll(t *testing.T) {
	var can []sim.Capability
	can = append(can, sim.ProcessCan((*proc.Process)(nil))...)
	can = append(can, sim.LinkCan((*link.Link)(nil))...)
	for _, c := range sim.CapabilityList() {
		if c.Of != sim.TargetServer && !slices.Contains(can, c.Name) {
			t.Errorf("%s is a capability of no local process or link", c.Name)
		}
	}
}

// TestEveryCapabilityIsNeeded: the list has what faults use and nothing else.
func TestEveryCapabilityIsNeeded(t *testing.T) {
	needed := map[sim.Capability]bool{}
	for _, k := range Sorted() {
		if len(k.Needs) == 0 {
			t.Errorf("%s needs nothing: what does it do?", k.Name)
		}
		for _, c := range k.Needs {
			if needed[c] = true; c.Of() == "" {
				t.Errorf("%s needs %q, which there is not", k.Name, c)
			}
		}
	}
	for _, c := range sim.CapabilityList() {
		if !needed[c.Name] {
			t.Errorf("no fault needs %s", c.Name)
		}
	}
}
