package fault

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// box is a server that goes down and comes up again as told.
type box struct {
	t        *testing.T
	addr     string
	listener net.Listener
	works    bool
	trouble  error
}

func (b *box) Down(ctx context.Context, _ bool) (string, error) {
	if b.works {
		b.listener.Close()
		clock.Sleep(ctx, 100*time.Millisecond)
	}
	return "ended with status 137", b.trouble
}

func (b *box) Up(context.Context) (err error) {
	if b.works {
		b.listener, err = net.Listen("tcp", b.addr)
	}
	return err
}

func (b *box) Answers(context.Context) error { return nil }

func TestServerDownEvidence(t *testing.T) {
	for _, c := range []struct {
		why     string
		works   bool
		trouble error
		want    sim.Verdict
	}{
		{"down and up", true, nil, sim.Pass},
		{"nothing happened", false, nil, sim.Unknown},
		{"it did not work", true, errors.New("no"), sim.Unknown},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		b := &box{t: t, addr: l.Addr().String(), listener: l, works: c.works, trouble: c.trouble}
		i := Kinds()["broker-kill"].New(sim.FaultContext{Server: sim.Server{Addrs: []string{b.addr}, Named: "it", Control: b}})
		_ = course(t, i) // what came of it is in the evidence
		b.listener.Close()
		if e := i.Evidence(); e.Verdict != c.want {
			t.Errorf("%s: evidence %+v, expected %s", c.why, e, c.want)
		}
	}
}
