package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

// newTestRelay returns a process of orders over a memoryBroker, with n events in
// its outbox, the first of order o-1.
func newTestRelay(t *testing.T, n int, change ...func(*Config)) (*process, *memoryBroker, *recorder) {
	t.Helper()
	p, events := newTestProcess(t, "orders", change...)
	b := newMemoryBroker()
	p.broker = b
	update(t, p, func(tx *store.Tx) error {
		for i := range n {
			o := order.Order{ID: fmt.Sprintf("o-%d", i+1), SKU: 1, Qty: 1}
			p.enqueue(tx, order.NewEvent(order.OrderCreated, o, 1), "", 0)
		}
		return nil
	})
	return p, b, events
}

func messageID(i int) string { return fmt.Sprintf("o-%d:order.created", i) }

func TestRelayPublishesInOrder(t *testing.T) {
	p, b, _ := newTestRelay(t, 40)
	inBackground(t, newRelay(p).run)
	p.wakeRelay()
	eventually(t, "all rows are marked as sent", func() bool { return unsent(t, p) == 0 })
	published := b.publications()
	if len(published) != 40 {
		t.Fatalf("saw %d publications; expected one for each of 40 rows", len(published))
	}
	for i, got := range published {
		if got.ID != messageID(i+1) || got.Type != string(order.OrderCreated) || got.Trace == "" {
			t.Errorf("publication %d: saw %q of type %q with trace %q; expected %q of type order.created with a trace",
				i+1, got.ID, got.Type, got.Trace, messageID(i+1))
		}
		if e, err := order.Decode(got.Body); err != nil || e.ID != got.ID {
			t.Errorf("publication %d: the body holds the event %q, %v; expected %q", i+1, e.ID, err, got.ID)
		}
	}
}

// TestRelayMarksOnlyWhatIsConfirmed withholds the confirm of one of five rows.
func TestRelayMarksOnlyWhatIsConfirmed(t *testing.T) {
	p, b, _ := newTestRelay(t, 5)
	b.answer = func(m broker.Message, _ int) (bool, error) {
		if m.ID == messageID(3) {
			return false, errWithheld{}
		}
		return true, nil
	}
	inBackground(t, newRelay(p).run)
	p.wakeRelay()
	eventually(t, "four rows are marked as sent", func() bool { return unsent(t, p) == 1 })
	state := func(r store.Record) string { return r.Message + " " + r.To }
	for i, got := range records(t, p, "audit.outbox", state) {
		want := messageID(i+1) + " sent"
		if i == 2 {
			want = messageID(3) + " pending"
		}
		if got != want {
			t.Errorf("row %d: saw %q; expected %q", i+1, got, want)
		}
	}
	published := b.publications()
	i := slices.IndexFunc(published, func(p publication) bool { return p.ID == messageID(3) })
	published[i].confirm.Resolve(nil)
	eventually(t, "the fifth row is marked after its confirm", func() bool { return unsent(t, p) == 0 })
	if n := len(b.publications()); n != 5 {
		t.Errorf("saw %d publications; expected 5, since a row without an answer is not published again", n)
	}
}

// TestRelayPublishesAgain: what the broker did not confirm is published again
// under the same id, after a pause.
func TestRelayPublishesAgain(t *testing.T) {
	for _, c := range []struct {
		why    string
		err    error
		keep   bool // the message is in the queue all the same
		events int  // of kind message.refused
	}{
		{"the broker refused it", broker.ErrNacked, false, 2},
		{"no queue is bound to its type", fmt.Errorf("publish: %w", broker.ErrUnroutable), false, 2},
		{"the connection was lost before the broker had it", broker.ErrIndeterminate, false, 0},
		{"the connection was lost after the broker had it", broker.ErrIndeterminate, true, 0},
		{"there was no connection", broker.ErrDisconnected, false, 0},
		{"publishers were blocked", broker.ErrBlocked, false, 0},
	} {
		t.Run(c.why, func(t *testing.T) {
			p, b, events := newTestRelay(t, 1)
			b.answer = func(_ broker.Message, attempt int) (bool, error) {
				if attempt <= 2 {
					return c.keep, c.err
				}
				return true, nil
			}
			inBackground(t, newRelay(p).run)
			p.wakeRelay()
			eventually(t, "the row is marked as sent", func() bool { return unsent(t, p) == 0 })
			published := b.publications()
			if len(published) != 3 {
				t.Fatalf("saw %d publications; expected 3", len(published))
			}
			for i, got := range published {
				if got.ID != messageID(1) {
					t.Errorf("publication %d has the id %q; expected %q each time", i+1, got.ID, messageID(1))
				}
				if i > 0 && got.at.Sub(published[i-1].at) < relayPause {
					t.Errorf("publication %d came %s after the one before; expected %s or more", i+1, got.at.Sub(published[i-1].at), relayPause)
				}
			}
			refused := events.of(t, "message.refused")
			if len(refused) != c.events {
				t.Errorf("saw %d events that it was refused; expected %d", len(refused), c.events)
			}
			for _, e := range refused {
				if e.Message != messageID(1) || e.Order != "o-1" || e.Detail != c.err.Error() {
					t.Errorf("saw the event %+v; expected one of %s with the reason", e, messageID(1))
				}
			}
		})
	}
}

// TestRelayWaitsWhileBlocked: nothing is lost or marked while the broker blocks
// publishers, and the relay pauses before it tries again, though new orders wake
// it all the time.
func TestRelayWaitsWhileBlocked(t *testing.T) {
	p, b, _ := newTestRelay(t, 10)
	b.answer = func(broker.Message, int) (bool, error) { return false, broker.ErrBlocked }
	began := time.Now()
	inBackground(t, newRelay(p).run)
	inBackground(t, func(ctx context.Context) error {
		for ctx.Err() == nil {
			p.wakeRelay()
			_ = sleep(ctx, time.Millisecond) // it ends with the context, as the loop does
		}
		return ctx.Err()
	})
	eventually(t, "every row was tried three times", func() bool { return len(b.publications()) >= 30 })
	if rounds, most := len(b.publications())/10, 2+int(time.Since(began)/relayPause); rounds > most {
		t.Errorf("every row was tried %d times; expected %d times at most, with a pause of %s", rounds, most, relayPause)
	}
	if n := unsent(t, p); n != 10 {
		t.Errorf("saw %d unsent rows while the broker blocks; expected all 10", n)
	}
	b.setAnswer(nil)
	eventually(t, "all rows are marked as sent", func() bool { return unsent(t, p) == 0 })
	if n := len(b.queues["inventory"]); n != 10 {
		t.Errorf("saw %d messages in the queue; expected each of 10 once", n)
	}
}

func TestRelayWaitsUntilDue(t *testing.T) {
	p, b, _ := newTestRelay(t, 0)
	var due time.Time
	update(t, p, func(tx *store.Tx) error {
		const wait = 300 * time.Millisecond
		due = time.Now().Add(wait)
		p.enqueue(tx, order.NewEvent(order.OrderDelivered, testOrder, 1), "", Now()+int64(wait))
		p.enqueue(tx, order.NewEvent(order.OrderShipped, testOrder, 1), "", 0)
		return nil
	})
	inBackground(t, newRelay(p).run)
	p.wakeRelay()
	eventually(t, "both rows are marked as sent", func() bool { return unsent(t, p) == 0 })
	published := b.publications()
	if published[0].Type != string(order.OrderShipped) || published[1].Type != string(order.OrderDelivered) {
		t.Errorf("saw %s, then %s; expected the one that was due first", published[0].Type, published[1].Type)
	}
	if early := due.Sub(published[1].at); early > 0 {
		t.Errorf("the second was published %s before it was due", early)
	}
}

// TestRelayWindow: no more than relayWindow messages wait for their confirm.
func TestRelayWindow(t *testing.T) {
	p, b, _ := newTestRelay(t, relayWindow+100)
	b.answer = func(broker.Message, int) (bool, error) { return false, errWithheld{} }
	r := newRelay(p)
	for n := 1; n <= 4; n++ {
		if more := r.publishPending(t.Context()); !more {
			t.Fatalf("call %d: it reports that there are no more rows", n)
		}
		want := min(n*relayBatch, relayWindow)
		if got := len(b.publications()); got != want || len(r.inFlight) != want {
			t.Fatalf("call %d: saw %d publications, %d in flight; expected %d", n, got, len(r.inFlight), want)
		}
	}
	for _, p := range b.publications()[:30] {
		p.confirm.Resolve(nil)
	}
	for len(r.confirmed) < 30 {
		r.gather(<-r.answers)
	}
	r.mark(t.Context())
	if more := r.publishPending(t.Context()); !more || len(b.publications()) != relayWindow+30 {
		t.Errorf("after 30 confirms saw %d publications, more %v; expected %d, true", len(b.publications()), more, relayWindow+30)
	}
}

// TestRelayMarksLater: rows that could not be marked stay in flight, so that they
// are not published again, and are marked when the database answers.
func TestRelayMarksLater(t *testing.T) {
	p, b, _ := newTestRelay(t, 2)
	r := newRelay(p)
	r.publishPending(t.Context())
	for len(r.confirmed) < 2 {
		r.gather(<-r.answers)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r.mark(gone)
	if len(r.confirmed) != 2 || len(r.inFlight) != 2 {
		t.Errorf("after a failure saw %d to mark, %d in flight; expected 2 of both", len(r.confirmed), len(r.inFlight))
	}
	r.publishPending(t.Context())
	if n := len(b.publications()); n != 2 {
		t.Errorf("saw %d publications; expected 2, since both are confirmed", n)
	}
	r.mark(t.Context())
	if n := unsent(t, p); n != 0 || len(r.confirmed) != 0 || len(r.inFlight) != 0 {
		t.Errorf("saw %d unsent, %d to mark, %d in flight; expected none", n, len(r.confirmed), len(r.inFlight))
	}
}

func TestRelayTellsThatTheOutboxCannotBeRead(t *testing.T) {
	p, _, events := newTestRelay(t, 1)
	if err := p.db.Close(); err != nil {
		t.Fatal(err)
	}
	r := newRelay(p)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if more := r.publishPending(gone); !more || len(events.of(t, "outbox.unreadable")) != 0 {
		t.Errorf("at the end of the process: more %v, %d events; expected true and none", more, len(events.of(t, "outbox.unreadable")))
	}
	if more := r.publishPending(t.Context()); !more {
		t.Error("it reports that there are no more rows, which it cannot know")
	}
	if got := events.of(t, "outbox.unreadable"); len(got) != 1 || got[0].Detail == "" {
		t.Errorf("saw the events %+v; expected one with the reason", got)
	}
}

// TestRelayBeats: another replica takes over the rows of a relay only when its
// last beat is old.
func TestRelayBeats(t *testing.T) {
	p, b, _ := newTestRelay(t, 1)
	b.answer = func(broker.Message, int) (bool, error) { return false, errWithheld{} }
	before := Now()
	inBackground(t, newRelay(p).run)
	pendingAt := func(now int64) (n int) {
		err := p.db.View(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Pending("orders-2", now, 10)
			n = len(rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	hour := int64(time.Hour)
	eventually(t, "an hour after the last beat another replica may take the row", func() bool { return pendingAt(Now()+hour) == 1 })
	if n := pendingAt(before); n != 0 {
		t.Errorf("another replica may take %d rows of a relay that is alive; expected none", n)
	}
}

func TestRelayEndsWithItsContext(t *testing.T) {
	p, _, _ := newTestRelay(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newRelay(p).run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("saw %v; expected %v", err, context.Canceled)
	}
}
