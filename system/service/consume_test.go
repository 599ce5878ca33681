package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

// newTestConsumer returns a process of inventory over a memoryBroker.
func newTestConsumer(t *testing.T) (*process, *memoryBroker, *recorder) {
	t.Helper()
	p, events := newTestProcess(t, "inventory")
	b := newMemoryBroker()
	p.broker = b
	return p, b, events
}

func message(e order.Event) broker.Message {
	return broker.Message{ID: e.ID, Type: string(e.Type), Body: e.Encode()}
}

// created is the message of a new order for one piece of SKU 1.
func created(id string) broker.Message {
	return message(order.NewEvent(order.OrderCreated, order.Order{ID: id, SKU: 1, Qty: 1}, 1))
}

// jobs are messages of new orders, ready to be committed.
func jobs(b *memoryBroker, ids ...string) (all []*job) {
	for _, id := range ids {
		m := created(id)
		e, err := order.Decode(m.Body)
		if err != nil {
			panic(err) // it was encoded just now
		}
		all = append(all, &job{delivery: b.delivery("inventory", m, 1), event: e})
	}
	return all
}

func handled(t *testing.T, p *process) []string {
	t.Helper()
	return records(t, p, "audit.handled", func(r store.Record) string { return r.Message })
}

func reservations(t *testing.T, p *process) []string {
	t.Helper()
	return records(t, p, "audit.reservation", func(r store.Record) string { return r.Order + " " + r.To })
}

// TestAckAfterCommit: when a message is acknowledged, its effect, its inbox row
// and its outbox row are there for everybody to see, and its event is written.
func TestAckAfterCommit(t *testing.T) {
	p, b, events := newTestConsumer(t)
	var acks atomic.Int64
	b.beforeSettle = func(s settlement) error {
		acks.Add(1)
		if got := handled(t, p); !slices.Contains(got, s.id) {
			t.Errorf("%s of %s: the inbox holds %v; expected the message", s.how, s.id, got)
		}
		if got := reservations(t, p); !slices.Contains(got, "o-1 held") {
			t.Errorf("%s of %s: the reservations are %v; expected that of o-1", s.how, s.id, got)
		}
		if n := unsent(t, p); n != 1 {
			t.Errorf("%s of %s: saw %d rows in the outbox; expected one", s.how, s.id, n)
		}
		if n := len(events.of(t, "stock.reserved")); n != 1 {
			t.Errorf("%s of %s: saw %d events stock.reserved; expected one", s.how, s.id, n)
		}
		return nil
	}
	b.deliver("inventory", created("o-1"))
	inBackground(t, p.consume)
	eventually(t, "the message is acknowledged", func() bool { return len(b.settlements("ack")) == 1 })
	eventually(t, "no message is unacknowledged", func() bool { return p.unacked.Load() == 0 })
	if acks.Load() != 1 || len(b.settlements("")) != 1 {
		t.Errorf("saw the settlements %+v; expected one ack", b.settlements(""))
	}
}

// TestNoAckWithoutCommit: a message whose transaction fails is not acknowledged
// and leaves nothing behind.
func TestNoAckWithoutCommit(t *testing.T) {
	p, b, _ := newTestConsumer(t)
	j := jobs(b, "o-1")
	j[0].effect = func(tx *store.Tx) ([]Line, error) {
		if _, _, err := tx.Reserve(j[0].event.Order, 1); err != nil {
			return nil, err
		}
		return nil, errors.New("the disk is full")
	}
	p.handle(t.Context(), j)
	if got := b.settlements(""); len(got) != 1 || got[0].how != "retry" {
		t.Errorf("saw the settlements %+v; expected one retry", got)
	}
	if got := append(handled(t, p), reservations(t, p)...); len(got) != 0 {
		t.Errorf("saw %v; expected neither an inbox row nor a reservation", got)
	}
}

// TestDuplicate: a message that was handled is acknowledged when it comes again,
// and has no second effect.
func TestDuplicate(t *testing.T) {
	p, b, events := newTestConsumer(t)
	inBackground(t, p.consume)
	for n := 1; n <= 3; n++ {
		b.deliver("inventory", created("o-1"))
		eventually(t, "the message is acknowledged", func() bool { return len(b.settlements("ack")) == n })
	}
	if got := events.of(t, "message.duplicate"); len(got) != 2 || got[0].Order != "o-1" || got[0].Message != "o-1:order.created" {
		t.Errorf("saw the events %+v; expected two duplicates of o-1", got)
	}
	if got := events.of(t, "stock.reserved"); len(got) != 1 {
		t.Errorf("saw the events %+v; expected one reservation", got)
	}
	changes := records(t, p, "audit.stock-change", func(r store.Record) string { return fmt.Sprint(r.Order, " ", r.Qty) })
	if !slices.Equal(changes, []string{"o-1 -1"}) {
		t.Errorf("saw the changes of stock %v; expected one", changes)
	}
	if n := unsent(t, p); n != 1 {
		t.Errorf("saw %d rows in the outbox; expected one", n)
	}
}

// TestBatch: what one message of a batch does, does not concern the others.
func TestBatch(t *testing.T) {
	p, b, events := newTestConsumer(t)
	var calls []string
	handle := func(ids ...string) {
		batch := jobs(b, ids...)
		for _, j := range batch {
			j.effect = func(tx *store.Tx) ([]Line, error) {
				calls = append(calls, j.event.Order.ID)
				if j.event.Order.ID == "o-4" {
					return nil, errors.New("out of order")
				}
				return p.applyReserve(tx, j.event, "", nil)
			}
		}
		p.handle(t.Context(), batch)
	}
	handle("o-2")
	calls = nil
	handle("o-3", "o-2", "o-1", "o-4") // o-2 is a duplicate, o-4 fails

	var got []string
	for _, s := range b.settlements("")[1:] {
		got = append(got, s.how+" "+s.id)
	}
	want := []string{"ack o-1:order.created", "ack o-2:order.created", "ack o-3:order.created", "retry o-4:order.created"}
	if !slices.Equal(got, want) {
		t.Errorf("saw %v; expected %v", got, want)
	}
	if want := []string{"o-1", "o-3", "o-4"}; !slices.Equal(calls, want) {
		t.Errorf("the effects ran for %v; expected %v, sorted, without the duplicate", calls, want)
	}
	if n := len(events.of(t, "message.duplicate")); n != 1 {
		t.Errorf("saw %d duplicates; expected one", n)
	}
	if held := reservations(t, p); len(held) != 3 {
		t.Errorf("saw the reservations %v; expected those of o-1, o-2 and o-3", held)
	}
}

// TestPoison: a message that cannot be understood is parked at once, with the
// reason, and never retried.
func TestPoison(t *testing.T) {
	newer := order.NewEvent(order.OrderCreated, testOrder, 1)
	newer.Version = order.Version + 1
	for _, c := range []struct{ why, body, says string }{
		{"it is not JSON", "\x00poison", "invalid character"},
		{"it is of a newer contract", string(newer.Encode()), "contract version 2"},
		{"its type is unknown", `{"id":"x","type":"order.eaten","version":1}`, `"order.eaten"`},
		{"its order makes no sense", `{"id":"x","type":"order.created","version":1,"order":{"id":"o"}}`, "sku"},
	} {
		t.Run(c.why, func(t *testing.T) {
			p, b, events := newTestConsumer(t)
			b.deliver("inventory", broker.Message{ID: "poison-1", Type: "order.created", Body: []byte(c.body)})
			inBackground(t, p.consume)
			eventually(t, "the message is parked", func() bool { return len(events.of(t, "message.parked")) == 1 })
			got := b.settlements("")
			if len(got) != 1 || got[0].how != "park" || got[0].id != "poison-1" || !strings.Contains(got[0].reason, c.says) {
				t.Errorf("saw the settlements %+v; expected one that parks it and says %s", got, c.says)
			}
			if e := events.of(t, "message.parked")[0]; e.Message != "poison-1" || !strings.Contains(e.Detail, c.says) {
				t.Errorf("saw the event %+v; expected one that says %s", e, c.says)
			}
			if n := p.unacked.Load(); n != 0 {
				t.Errorf("saw %d unacknowledged messages; expected none", n)
			}
		})
	}
}

// TestRetryThenPark: a handler that keeps failing is tried maxAttempts times, with
// the delays of the policy, and then the message is parked.
func TestRetryThenPark(t *testing.T) {
	for _, c := range []struct {
		why    string
		effect effect
		fails  error // of the preparation
	}{
		{"the work outside the transaction fails", nil, errors.New("the provider is gone")},
		{"the transaction fails", func(*store.Tx) ([]Line, error) { return nil, errors.New("the provider is gone") }, nil},
	} {
		t.Run(c.why, func(t *testing.T) {
			p, b, events := newTestConsumer(t)
			var attempts []int
			p.role.prepare = func(_ context.Context, _ order.Event, _ string, attempt int) (effect, error) {
				attempts = append(attempts, attempt) // one message: one attempt at a time
				return c.effect, c.fails
			}
			b.deliver("inventory", created("o-1"))
			inBackground(t, p.consume)
			eventually(t, "the message is parked", func() bool { return len(events.of(t, "message.parked")) == 1 })
			got := b.settlements("")
			if len(got) != maxAttempts || len(attempts) != maxAttempts {
				t.Fatalf("saw %d attempts, %d settlements; expected %d of both", len(attempts), len(got), maxAttempts)
			}
			for i, s := range got[:maxAttempts-1] {
				want := 4 * time.Second
				if i < 2 {
					want = []time.Duration{250 * time.Millisecond, time.Second}[i]
				}
				if s.how != "retry" || s.delay != want || attempts[i] != i+1 {
					t.Errorf("attempt %d: saw %s after %s, attempt %d; expected retry after %s", i+1, s.how, s.delay, attempts[i], want)
				}
			}
			last := got[maxAttempts-1]
			if last.how != "park" || last.reason != "gave up after 12 attempts: the provider is gone" &&
				last.reason != "gave up after 12 attempts: handle o-1:order.created: the provider is gone" {
				t.Errorf("the last settlement is %+v; expected one that parks it and says why", last)
			}
			if retried := events.of(t, "message.retried"); len(retried) != maxAttempts-1 || retried[0].Order != "o-1" {
				t.Errorf("saw the events %+v; expected one for each retry of o-1", retried)
			}
			if n := p.unacked.Load(); n != 0 {
				t.Errorf("saw %d unacknowledged messages; expected none", n)
			}
		})
	}
}

// TestRetryThenSuccess: a message that fails twice is acknowledged after the
// third attempt.
func TestRetryThenSuccess(t *testing.T) {
	p, b, _ := newTestConsumer(t)
	real := p.role.prepare
	p.role.prepare = func(ctx context.Context, e order.Event, trace string, attempt int) (effect, error) {
		if attempt < 3 {
			return nil, errors.New("not yet")
		}
		return real(ctx, e, trace, attempt)
	}
	b.deliver("inventory", created("o-1"))
	inBackground(t, p.consume)
	eventually(t, "the message is acknowledged", func() bool { return len(b.settlements("ack")) == 1 })
	if got := b.settlements(""); len(got) != 3 || got[2].attempt != 3 {
		t.Errorf("saw the settlements %+v; expected two retries and an ack", got)
	}
}
