package backend

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"squall/sim"
	"squall/sim/clock"
)

func environment(pairs ...string) func(string) string {
	return func(key string) string {
		for _, p := range pairs {
			if k, v, _ := strings.Cut(p, "="); k == key {
				return v
			}
		}
		return ""
	}
}

func TestNATSOptions(t *testing.T) {
	rest := []string{envDir + "=data", envUser + "=a", envPassword + "=b"}
	good, err := natsOptions(environment(append(rest, envListen+"=127.0.0.1:4222")...))
	if err != nil || good.Host != "127.0.0.1" || good.Port != 4222 || good.StoreDir != "data" || good.Username != "a" || good.Password != "b" {
		t.Errorf("%+v, %v", good, err)
	}
	for _, c := range []struct {
		why    string
		listen string
		rest   []string
		want   []string
	}{
		{"nothing is set", "", nil, []string{envListen + ": saw \"\", expected host:port", envDir + ": it is not set", envUser, envPassword}},
		{"no port", "127.0.0.1", rest, []string{`saw "127.0.0.1", expected host:port`}},
		{"a port by name", "127.0.0.1:nats", rest, []string{`saw port "nats", expected 1 to 65535`}},
		{"a port that there is not", "127.0.0.1:65536", rest, []string{`saw port "65536"`}},
		{"any port: nobody would know which", "127.0.0.1:0", rest, []string{`saw port "0"`}},
		{"no password: everybody could connect", "127.0.0.1:4222", rest[:2], []string{envPassword + ": it is not set"}},
	} {
		env := environment(append(slices.Clone(c.rest), envListen+"="+c.listen)...)
		_, err := natsOptions(env)
		says(t, err, c.want...)
		ended, cancel := context.WithCancel(t.Context())
		cancel() // a broker that serves all the same would end at once
		says(t, ServeNATS(ended, env), "embedded broker: ")
		if t.Failed() {
			t.Fatal(c.why)
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestServeNATS: it lets in whoever has the password, keeps streams, and ends with
// its context.
func TestServeNATS(t *testing.T) {
	addr := freeAddr(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	env := environment(envListen+"="+addr, envDir+"="+t.TempDir(), envUser+"=a", envPassword+"=b")
	go func() { ended <- ServeNATS(ctx, env) }()
	s := &jetstreamServer{addr: addr, user: "a", password: "b"}
	if err := s.Answers(ctx); err != nil {
		t.Fatal(err)
	}
	if c, err := nats.Connect("nats://"+addr, nats.UserInfo("a", "wrong")); err == nil {
		c.Close()
		t.Error("it lets in somebody with a wrong password")
	}
	conn, err := s.connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "orders", Subjects: []string{"order.>"}}); err != nil {
		t.Fatal(err)
	}
	sendAndTap(t, s)
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	says(t, s.Answers(short), addr+" sent nothing within")
}

// sendAndTap holds the broker to what message faults ask of it.
func sendAndTap(t *testing.T, s *jetstreamServer) {
	t.Helper()
	queue := sim.QueueSpec{Name: "inventory", Subjects: "order.", Types: []string{"placed"}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tapped := make(chan []sim.Message, 1)
	go func() {
		messages, err := s.Tap(ctx, queue, 1)
		if err != nil {
			t.Errorf("tap: %v", err)
		}
		tapped <- messages
	}()
	want := sim.Message{ID: "m-1", Type: "placed", Trace: "00-1", Body: []byte("body")}
	for n := 0; ; n++ { // the first may be sent before the tap is there
		if err := s.Send(ctx, queue, want); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-tapped:
			if len(got) != 1 || got[0].ID != want.ID || got[0].Type != want.Type || got[0].Trace != want.Trace || string(got[0].Body) != "body" {
				t.Errorf("tapped %+v, expected %+v", got, want)
			}
			return
		default:
			if clock.Sleep(ctx, 10*time.Millisecond) != nil {
				t.Fatal("nothing was tapped")
			}
		}
	}
}

func TestSendWhereNobodyListens(t *testing.T) {
	s := &jetstreamServer{addr: freeAddr(t)}
	says(t, s.Send(t.Context(), sim.QueueSpec{Name: "inventory"}, sim.Message{}), "send to inventory: ")
	_, err := s.Tap(t.Context(), sim.QueueSpec{Name: "inventory"}, 1)
	says(t, err, "tap inventory: ")
}

// fakeChild is a process that was started and does nothing.
type fakeChild struct {
	sim.Child
	stopped bool
	states  []string // that the kernel shows one after another; the last stays
}

func (c *fakeChild) Stop(context.Context)  { c.stopped = true }
func (c *fakeChild) Kill() (string, error) { return "signal: killed", nil }
func (c *fakeChild) Resources() (sim.Resources, error) {
	if len(c.states) == 0 {
		return sim.Resources{}, errors.New("it is gone")
	}
	state := c.states[0]
	if len(c.states) > 1 {
		c.states = c.states[1:]
	}
	return sim.Resources{State: state}, nil
}

// talker listens at an address and sends a line to each connection.
func talker(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := io.WriteString(c, "INFO\n"); err != nil {
				t.Error(err)
			}
			_ = c.Close() // the client may have closed it
		}
	}()
	return l.Addr().String()
}

func TestJetStreamNamespace(t *testing.T) {
	addr := talker(t)
	spec, died := trial(t)
	child := &fakeChild{}
	var launched sim.Launch
	d := &jetstreamDriver{
		argv: []string{"squall", "broker"}, freeAddr: func() (string, error) { return addr, nil },
		launch: func(_ context.Context, l sim.Launch) (sim.Child, error) { launched = l; return child, nil },
	}
	n, err := d.CreateNamespace(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	env := environment(launched.Env...)
	if env(envListen) != addr || env(envDir) != filepath.Join(spec.Dir, "jetstream") || env(envPassword) == "" ||
		env(envPassword) != n.Server.Env["SQUALL_BROKER_PASSWORD"] || launched.Log != spec.Log("broker") || !slices.Equal(launched.Argv, d.argv) {
		t.Errorf("launched %+v", launched)
	}
	launched.Event(sim.ProcessStarted, "pid 1")
	launched.Event(sim.ProcessDied, "signal: killed")
	if err := <-died; err.Error() != "the embedded broker is gone: signal: killed" {
		t.Errorf("it died of %q", err)
	}
	if err := n.Close(t.Context()); err != nil || !child.stopped {
		t.Errorf("close: %v, stopped %v", err, child.stopped)
	}
	if !strings.HasPrefix(d.Info().Version, "JetStream (nats-server ") {
		t.Errorf("info %+v", d.Info())
	}
}

// TestJetStreamThatDoesNotStart: the child is stopped, and the error says where its
// log is.
func TestJetStreamThatDoesNotStart(t *testing.T) {
	for _, c := range []struct {
		why       string
		port, err error
		child     *fakeChild
		says      []string
	}{
		{"there is no port", errors.New("no port"), nil, nil, []string{"no port"}},
		{"the program is not there", nil, errors.New("no such file"), nil, []string{"start the embedded broker (log: ", "no such file"}},
		{"it started and failed", nil, errors.New("not ready"), &fakeChild{}, []string{"not ready"}},
		{"it never speaks", nil, nil, &fakeChild{}, []string{"sent nothing within"}},
	} {
		addr := freeAddr(t)
		d := &jetstreamDriver{
			freeAddr: func() (string, error) { return addr, c.port },
			launch: func(context.Context, sim.Launch) (sim.Child, error) {
				if c.child == nil {
					return nil, c.err
				}
				return c.child, c.err
			},
		}
		spec, _ := trial(t)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := d.CreateNamespace(ctx, spec)
		cancel()
		says(t, err, c.says...)
		if c.child != nil && !c.child.stopped {
			t.Errorf("%s: the child is left", c.why)
		}
	}
}

func TestJetStreamControl(t *testing.T) {
	s := &jetstreamServer{child: &fakeChild{states: []string{"S", "S", "T"}}, addr: freeAddr(t)}
	if on, err := s.Paused(t.Context()); err != nil || !on {
		t.Errorf("stopped after two looks: %v, %v", on, err)
	}
	s.child = &fakeChild{states: []string{"S"}}
	if on, err := s.Paused(t.Context()); err != nil || on {
		t.Errorf("never stopped: %v, %v", on, err)
	}
	s.child = &fakeChild{}
	if _, err := s.Paused(t.Context()); err == nil {
		t.Error("a process that is gone was seen stopped, or not, without an error")
	}
	if status, err := s.Down(t.Context(), false); err != nil || status != "signal: killed" {
		t.Errorf("killed: %q, %v", status, err)
	}
	orderly := &fakeChild{}
	s.child = orderly
	if _, err := s.Down(t.Context(), true); err != nil || !orderly.stopped {
		t.Errorf("an orderly end: %v, stopped %v", err, orderly.stopped)
	}
}
