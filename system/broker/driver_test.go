package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	amqp "github.com/rabbitmq/amqp091-go"
)

func TestOpenRefuses(t *testing.T) {
	_, err := Open(t.Context(), Config{Kind: "pigeon"}, Topology{})
	if want := `saw the kind "pigeon"; expected one of jetstream, rabbitmq`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("saw the error %v; expected one that says %s", err, want)
	}
}

// TestOpenGivesUpWithItsContext: a broker may come up later than its users, so
// Open tries again, but not for ever.
func TestOpenGivesUpWithItsContext(t *testing.T) {
	for _, kind := range Kinds() {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := Open(ctx, Config{Kind: kind, Addr: "127.0.0.1:1"}, Topology{RetryDelays: []time.Duration{time.Second}})
		if want := "open broker " + kind + " at 127.0.0.1:1: "; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: saw the error %v; expected one that begins with %s", kind, err, want)
		}
		cancel()
	}
}

func TestTopologyDelay(t *testing.T) {
	topo := Topology{RetryDelays: []time.Duration{250 * time.Millisecond, time.Second, 4 * time.Second}}
	for _, c := range []struct {
		why       string
		asked     time.Duration
		available time.Duration
	}{
		{"it exists", time.Second, time.Second},
		{"between two, the longer one", 300 * time.Millisecond, time.Second},
		{"below all", 0, 250 * time.Millisecond},
		{"above all", time.Minute, 4 * time.Second},
	} {
		if got := topo.delay(c.asked); got != c.available {
			t.Errorf("%s: for %s saw %s; expected %s", c.why, c.asked, got, c.available)
		}
	}
}

// TestNATSPublishError: of all errors only those that say so mean that the
// message is not there; with any other it may be.
func TestNATSPublishError(t *testing.T) {
	for _, c := range []struct {
		why       string
		err, want error
	}{
		{"no stream has the subject", jetstream.ErrNoStreamResponse, ErrUnroutable},
		{"nobody listens", fmt.Errorf("publish: %w", nats.ErrNoResponders), ErrUnroutable},
		{"the server refused it", &jetstream.APIError{Code: 503, Description: "maximum bytes exceeded"}, ErrNacked},
		{"no answer in time", jetstream.ErrAsyncPublishTimeout, ErrIndeterminate},
		{"the connection was lost", nats.ErrConnectionClosed, ErrIndeterminate},
	} {
		if got := natsPublishError(c.err); !errors.Is(got, c.want) {
			t.Errorf("%s: saw %v; expected %v", c.why, got, c.want)
		}
	}
}

// newTestPublisher returns a publisher of the RabbitMQ driver without a
// connection, and what it notifies of.
func newTestPublisher() (p *rabbitPublisher, told *[]string) {
	told = &[]string{}
	r := &rabbit{cfg: Config{Notify: func(kind, role, detail string) {
		*told = append(*told, kind+" "+role+" "+detail)
	}}}
	return &rabbitPublisher{r: r}, told
}

// TestRabbitRefusesAtOnce: a message that cannot be sent now is answered at once,
// and not when the broker can take it.
func TestRabbitRefusesAtOnce(t *testing.T) {
	p, told := newTestPublisher()
	answer := func() error {
		c := p.publish(outgoing{m: Message{ID: "m1"}})
		select {
		case <-c.Done():
			return c.Err()
		default:
			return errors.New("no answer")
		}
	}
	if err := answer(); !errors.Is(err, ErrDisconnected) {
		t.Errorf("without a connection: saw %v; expected %v", err, ErrDisconnected)
	}
	p.gen = &rabbitGeneration{}
	p.block(p.gen, amqp.Blocking{Active: true, Reason: "low on memory"})
	if err := answer(); !errors.Is(err, ErrBlocked) {
		t.Errorf("while RabbitMQ blocks publishers: saw %v; expected %v", err, ErrBlocked)
	}
	p.block(p.gen, amqp.Blocking{Active: false})
	if p.gen.blocked {
		t.Error("it takes itself for blocked after RabbitMQ said that it is not")
	}
	if got := strings.Join(*told, ", "); got != "broker.blocked publish low on memory, broker.unblocked publish " {
		t.Errorf("saw the notifications %q; expected blocked and unblocked", got)
	}
}

// TestRabbitConfirms: what RabbitMQ says of a message becomes its confirmation.
func TestRabbitConfirms(t *testing.T) {
	for _, c := range []struct {
		why      string
		ack      bool
		returned bool
		want     error
	}{
		{"kept", true, false, nil},
		{"refused", false, false, ErrNacked},
		{"returned, and then acknowledged", true, true, ErrUnroutable},
		{"returned, and then refused", false, true, ErrUnroutable},
	} {
		p, _ := newTestPublisher()
		conf, other := NewConfirmation(), NewConfirmation()
		g := &rabbitGeneration{
			pending: map[uint64]unanswered{7: {conf, "m1"}, 8: {other, "m2"}}, returned: map[string]bool{},
		}
		returns := make(chan amqp.Return, 1)
		if c.returned {
			returns <- amqp.Return{MessageId: "m1"}
		}
		p.collect(g, returns)
		p.confirm(g, amqp.Confirmation{DeliveryTag: 7, Ack: c.ack})
		p.confirm(g, amqp.Confirmation{DeliveryTag: 99, Ack: true}) // of a message that is not known
		select {
		case <-conf.Done():
			if !errors.Is(conf.Err(), c.want) {
				t.Errorf("%s: saw %v; expected %v", c.why, conf.Err(), c.want)
			}
		default:
			t.Errorf("%s: there is no answer", c.why)
		}
		select {
		case <-other.Done():
			t.Errorf("%s: another message was answered, too", c.why)
		default:
		}
		if len(g.pending) != 1 || len(g.returned) != 0 {
			t.Errorf("%s: %d messages and %d returns are left; expected 1 and 0", c.why, len(g.pending), len(g.returned))
		}
	}
}

// TestRabbitHeaders: the numbers in headers come in types that the broker chooses.
func TestRabbitHeaders(t *testing.T) {
	table := amqp.Table{"a": int64(3), "b": int32(4), "c": 5, "d": "six"}
	for key, want := range map[string]int64{"a": 3, "b": 4, "c": 5, "d": 0, "absent": 0} {
		if got := tableInt(table, key); got != want {
			t.Errorf("%s: saw %d; expected %d", key, got, want)
		}
	}
	for _, c := range []struct {
		why     string
		headers amqp.Table
		want    string
	}{
		{"a consumer parked it", amqp.Table{headerQueue: "payment", "x-first-death-queue": "squall.retry.250ms"}, "payment"},
		{"RabbitMQ parked it", amqp.Table{"x-first-death-queue": "inventory"}, "inventory"},
		{"it came from elsewhere", nil, ""},
	} {
		if got := parkedFrom(c.headers); got != c.want {
			t.Errorf("%s: saw %q; expected %q", c.why, got, c.want)
		}
	}
}
