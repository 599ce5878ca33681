package broker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/backend/backendtest"
	"squall/system/broker"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

const patience = 30 * time.Second

// TestConformance holds every broker to what the package promises.
func TestConformance(t *testing.T) {
	for _, name := range backendtest.Names(sim.RoleBroker) {
		t.Run(name, func(t *testing.T) {
			s := &suite{server: backendtest.Start(t, name)}
			for _, c := range []struct {
				name string
				test func(*testing.T, *suite)
			}{
				{"confirm", confirm}, {"unroutable", unroutable}, {"prefetch", prefetch}, {"ack", ack},
				{"retry with delay", retry}, {"park", park}, {"death gives back", death},
				{"dead letter after the limit", limit}, {"depth", depth},
				{"restart keeps confirmed messages", restart},
			} {
				t.Run(c.name, func(t *testing.T) { c.test(t, s) })
			}
		})
	}
}

type suite struct {
	server sim.Server
	serial int
}

const deliveryLimit = 4

// open returns a broker with a queue of its own, so that tests do not meet.
func (s *suite) open(t *testing.T) (b broker.Conn, queue string) {
	t.Helper()
	s.serial++
	queue = fmt.Sprintf("q%d", s.serial)
	return s.connect(t, s.serial), queue
}

func (s *suite) connect(t *testing.T, serial int) broker.Conn {
	t.Helper()
	topo := broker.Topology{DeliveryLimit: deliveryLimit, RetryDelays: []time.Duration{200 * time.Millisecond, time.Second}}
	for n := 1; n <= serial; n++ { // a topology only grows
		topo.Queues = append(topo.Queues, broker.Queue{Name: fmt.Sprintf("q%d", n), Types: []string{fmt.Sprintf("q%d.type", n)}})
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e := s.server.Env
	b, err := broker.Open(ctx, broker.Config{
		Kind: e["SQUALL_BROKER"], Addr: strings.Join(s.server.Addrs, ","), User: e["SQUALL_BROKER_USER"], Password: e["SQUALL_BROKER_PASSWORD"],
		VHost: e["SQUALL_BROKER_VHOST"], Client: t.Name(),
	}, topo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() }) // the broker may be down by then
	return b
}

func message(queue string, n int) broker.Message {
	return broker.Message{ID: fmt.Sprintf("m%d", n), Type: queue + ".type", Body: fmt.Appendf(nil, "body %d", n), Trace: "trace"}
}

// publish publishes n messages and waits until all are confirmed.
func publish(t *testing.T, b broker.Conn, queue string, n int) {
	t.Helper()
	var pending []*broker.Confirmation
	for i := range n {
		pending = append(pending, b.Publish(message(queue, i)))
	}
	for i, c := range pending {
		select {
		case <-c.Done():
		case <-time.After(patience):
			t.Fatalf("message %d was not answered within %s", i, patience)
		}
		if c.Err() != nil {
			t.Fatalf("message %d: %v", i, c.Err())
		}
	}
}

// consume starts a consumer; the deliveries come over the channel until stop.
func consume(t *testing.T, b broker.Conn, queue string, prefetch int) (deliveries chan *broker.Delivery, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	deliveries = make(chan *broker.Delivery, 10_000)
	var wg sync.WaitGroup
	wg.Go(func() { _ = b.Consume(ctx, queue, prefetch, func(d *broker.Delivery) { deliveries <- d }) })
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); wg.Wait() }) }
	t.Cleanup(stop)
	return deliveries, stop
}

func next(t *testing.T, deliveries <-chan *broker.Delivery) *broker.Delivery {
	t.Helper()
	select {
	case d := <-deliveries:
		return d
	case <-time.After(patience):
		t.Fatalf("nothing was delivered within %s", patience)
		return nil
	}
}

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not within %s: %s", patience, what)
}

func depths(t *testing.T, b broker.Conn, name string) broker.Depth {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d, err := b.Depths(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return d[name]
}

func confirm(t *testing.T, s *suite) {
	b, q := s.open(t)
	publish(t, b, q, 500)
	deliveries, _ := consume(t, b, q, 50)
	seen := map[string]bool{}
	for len(seen) < 500 {
		d := next(t, deliveries)
		if string(d.Body) != "body "+d.ID[1:] || d.Type != q+".type" || d.Trace != "trace" {
			t.Fatalf("message %s came changed: %q, type %s, trace %s", d.ID, d.Body, d.Type, d.Trace)
		}
		seen[d.ID] = true
		if err := d.Ack(); err != nil {
			t.Fatal(err)
		}
	}
}

func unroutable(t *testing.T, s *suite) {
	b, _ := s.open(t)
	c := b.Publish(broker.Message{ID: "x", Type: "nobody.listens", Body: []byte("x")})
	<-c.Done()
	if !errors.Is(c.Err(), broker.ErrUnroutable) {
		t.Fatalf("saw %v, expected %v", c.Err(), broker.ErrUnroutable)
	}
}

func prefetch(t *testing.T, s *suite) {
	b, q := s.open(t)
	publish(t, b, q, 20)
	deliveries, _ := consume(t, b, q, 3)
	held := []*broker.Delivery{next(t, deliveries), next(t, deliveries), next(t, deliveries)}
	select {
	case d := <-deliveries:
		t.Fatalf("message %s was delivered beyond the prefetch of 3", d.ID)
	case <-time.After(500 * time.Millisecond):
	}
	if err := held[0].Ack(); err != nil {
		t.Fatal(err)
	}
	next(t, deliveries)
}

func ack(t *testing.T, s *suite) {
	b, q := s.open(t)
	publish(t, b, q, 1)
	deliveries, stop := consume(t, b, q, 10)
	d := next(t, deliveries)
	if d.Attempt != 1 || d.Redelivery {
		t.Errorf("attempt %d, redelivery %v, expected 1, false", d.Attempt, d.Redelivery)
	}
	if err := d.Ack(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an acknowledged message is gone", func() bool {
		n := depths(t, b, q)
		return n.Ready == 0 && n.Unacked <= 0
	})
	stop()
}

func retry(t *testing.T, s *suite) {
	b, q := s.open(t)
	publish(t, b, q, 1)
	deliveries, _ := consume(t, b, q, 10)
	began := time.Now()
	if err := next(t, deliveries).Retry(200 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	again := next(t, deliveries)
	if took := time.Since(began); took < 180*time.Millisecond {
		t.Errorf("it came again after %s, expected about 200ms", took)
	}
	if again.ID != "m0" || again.Attempt != 2 {
		t.Errorf("message %s, attempt %d, expected m0, 2", again.ID, again.Attempt)
	}
	if err := again.Ack(); err != nil {
		t.Fatal(err)
	}
}

func park(t *testing.T, s *suite) {
	b, q := s.open(t)
	before := depths(t, b, broker.Parked).Ready
	publish(t, b, q, 1)
	deliveries, _ := consume(t, b, q, 10)
	if err := next(t, deliveries).Park("for a test"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the message is parked and gone from its queue", func() bool {
		return depths(t, b, broker.Parked).Ready == before+1 && depths(t, b, q).Ready == 0
	})
	for range 2 { // the first look must not change anything
		if !parkedFrom(t, b, q) {
			t.Errorf("the message is not among the parked ones of %s", q)
		}
	}
}

// parkedFrom reports whether message m0 of a queue is parked.
func parkedFrom(t *testing.T, b broker.Conn, queue string) (found bool) {
	t.Helper()
	err := b.ParkedMessages(context.Background(), func(id, from string) error {
		found = found || id == "m0" && from == queue
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func death(t *testing.T, s *suite) {
	b, q := s.open(t)
	publish(t, b, q, 5)
	deliveries, stop := consume(t, b, q, 5)
	for range 5 {
		next(t, deliveries)
	}
	stop() // none of them is settled
	again, _ := consume(t, s.connect(t, s.serial), q, 5)
	seen := map[string]bool{}
	for len(seen) < 5 {
		d := next(t, again)
		if !d.Redelivery {
			t.Errorf("message %s is not marked as delivered again", d.ID)
		}
		seen[d.ID] = true
		if err := d.Ack(); err != nil {
			t.Fatal(err)
		}
	}
}

func limit(t *testing.T, s *suite) {
	b, q := s.open(t)
	before := depths(t, b, broker.Parked).Ready
	publish(t, b, q, 1)
	deliveries, stop := consume(t, b, q, 1)
	for range deliveryLimit {
		next(t, deliveries)
		stop()
		deliveries, stop = consume(t, b, q, 1)
	}
	// The broker may hand it out once more before it sees the limit.
	eventually(t, "a message that killed every consumer is parked", func() bool {
		select {
		case <-deliveries:
			stop()
			deliveries, stop = consume(t, b, q, 1)
		default:
		}
		return depths(t, b, broker.Parked).Ready == before+1
	})
	if !parkedFrom(t, b, q) {
		t.Errorf("the message is not among the parked ones of %s", q)
	}
}

func depth(t *testing.T, s *suite) {
	b, q := s.open(t)
	publish(t, b, q, 7)
	eventually(t, "seven messages are counted", func() bool { return depths(t, b, q).Ready == 7 })
}

func restart(t *testing.T, s *suite) {
	b, q := s.open(t)
	// A broker may write the name of a new queue to disk later than it answers:
	// RabbitMQ 4.0 has forgotten a quorum queue, with its confirmed messages,
	// that was declared within the second before a SIGKILL (see the README, Limits).
	// What is promised here is about queues that have been there for a moment.
	established := time.After(3 * time.Second)
	publish(t, b, q, 200)
	<-established
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	_, err := s.server.Control.Down(ctx, false)
	if err == nil {
		err = s.server.Control.Up(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	deliveries, _ := consume(t, b, q, 50)
	seen := map[string]bool{}
	for len(seen) < 200 {
		d := next(t, deliveries)
		seen[d.ID] = true
		_ = d.Ack() // a message whose ack is lost comes again
	}
	eventually(t, "publishing works again", func() bool {
		c := b.Publish(message(q, 1000))
		<-c.Done()
		return c.Err() == nil
	})
}
