package fault

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// inert is a world in which everything can be asked for and nothing happens: a
// process, a link and a server in one.
type inert struct{ addr string }

func (inert) Name() string    { return "inert-1" }
func (inert) Service() string { return "inert" }
func (i inert) Addr() string  { return i.addr }

func (inert) Kill() (string, error)         { return "running", errors.New("expected death by SIGKILL") }
func (inert) Restart(context.Context) error { return nil }
func (inert) Alive() bool                   { return true }
func (inert) Stop(context.Context)          {}
func (inert) Resources() (sim.Resources, error) {
	return sim.Resources{State: "S"}, nil
}
func (inert) CrashAt(ctx context.Context, _ string, _ int) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}
func (inert) Degrade(context.Context, sim.Degradation) (sim.DegradationReport, error) {
	return sim.DegradationReport{Worked: 10, Charged: 10}, nil
}

func (inert) RoundTrip(context.Context) (time.Duration, error) { return time.Millisecond, nil }
func (inert) Shape(sim.Shape)                                  {}
func (inert) Cut() (int, error)                                { return 0, nil }
func (inert) Block(bool) (int, error)                          { return 0, nil }
func (inert) Reset(time.Duration) (int, error)                 { return 0, nil }
func (inert) Spare()                                           {}
func (inert) Traffic() sim.Traffic                             { return sim.Traffic{Accepted: 5, Open: 5, Requests: 100} }
func (inert) OpenProbe(context.Context) (sim.ProbeConn, error) {
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

// inertProcess and inertServer keep apart what goes by the same names.
type inertProcess struct{ inert }

func (inertProcess) Pause() error  { return nil }
func (inertProcess) Resume() error { return nil }

type inertServer struct{}

func (inertServer) Down(context.Context, bool) (string, error)       { return "running", nil }
func (inertServer) Up(context.Context) error                         { return nil }
func (inertServer) Answers(context.Context) error                    { return nil }
func (inertServer) Pause(context.Context) error                      { return nil }
func (inertServer) Resume(context.Context) error                     { return nil }
func (inertServer) Paused(context.Context) (bool, error)             { return false, nil }
func (inertServer) Starve(context.Context, string, bool) error       { return nil }
func (inertServer) Alarm(context.Context, string) (bool, int, error) { return false, 0, nil }
func (inertServer) Cap(context.Context, sim.QueueSpec, int, string) error {
	return nil
}
func (inertServer) Capacity(context.Context, sim.QueueSpec) (int, int, error) { return -1, 0, nil }
func (inertServer) Leader(context.Context, sim.QueueSpec) (string, int, error) {
	return "broker-1", 3, nil
}
func (inertServer) KillNode(context.Context, string) (string, error) { return "running", nil }
func (inertServer) StartNode(context.Context, string) error          { return nil }
func (inertServer) Send(context.Context, sim.QueueSpec, sim.Message) error {
	return nil
}
func (inertServer) Tap(_ context.Context, _ sim.QueueSpec, n int) ([]sim.Message, error) {
	letters := make([]sim.Message, n)
	for i := range letters {
		letters[i].Body = []byte(`{"version":1}`)
	}
	return letters, nil
}

// TestWhereNothingHappensNothingIsEvident holds every kind of fault to it: when
// all that it asks for is promised and nothing is done, it must not claim that it
// took hold. Healing it, twice, is no error all the same.
func TestWhereNothingHappensNothingIsEvident(t *testing.T) {
	alive, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { alive.Close() }) // after the parallel ones
	for _, k := range Sorted() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			spec := sim.FaultSpec{Kind: k.Name, For: 300 * time.Millisecond, Params: map[string]any{
				"delay": 50 * time.Millisecond, "by": 10 * time.Millisecond, "rate": 1000.0, "point": "after-commit", "every": 10 * time.Millisecond,
			}}
			i := k.New(sim.FaultContext{
				Spec: spec, Rand: rand.New(rand.NewPCG(1, 2)), Processes: []sim.Process{inertProcess{}}, Proxies: []sim.Proxy{inert{}},
				Server: sim.Server{Addrs: []string{alive.Addr().String()}, Named: "it", Control: inertServer{}},
				Queue:  sim.QueueSpec{Service: "inert", Types: []string{"a"}}, Seen: func(string, string) int64 { return 0 },
			})
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
		})
	}
}
