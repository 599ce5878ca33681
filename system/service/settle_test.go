package service

import (
	"errors"
	"strings"
	"testing"
	"time"

	"squall/system/broker"
	"squall/system/store"
)

// TestSettleFails: what the broker did not take is told as returned, since it
// delivers the message again.
func TestSettleFails(t *testing.T) {
	for _, c := range []struct {
		why     string
		attempt int
		says    string
	}{
		{"a retry", 1, "no room"},
		{"a message that is to be parked", maxAttempts, "gave up after 12 attempts: no room"},
	} {
		p, b, events := newTestConsumer(t)
		b.beforeSettle = func(settlement) error { return broker.ErrStale }
		j := jobs(b, "o-1")[0]
		j.delivery.Attempt = c.attempt
		p.unacked.Add(1)
		p.retryOrPark(j, errors.New("no room"))
		got := events.of(t, "message.returned")
		if len(got) != 1 || !strings.Contains(got[0].Detail, c.says) || !strings.Contains(got[0].Detail, broker.ErrStale.Error()) {
			t.Errorf("%s: saw the events %+v; expected one that says %s and %v", c.why, got, c.says, broker.ErrStale)
		}
		if n := len(events.of(t, "message.retried")) + len(events.of(t, "message.parked")); n != 0 {
			t.Errorf("%s: saw %d events that it was retried or parked; expected none", c.why, n)
		}
		if n := p.unacked.Load(); n != 0 {
			t.Errorf("%s: saw %d unacknowledged messages; expected none", c.why, n)
		}
	}
}

// TestStaleAck: a message whose ack fails has its effect once, though it comes
// again.
func TestStaleAck(t *testing.T) {
	p, b, _ := newTestConsumer(t)
	first := true
	b.beforeSettle = func(settlement) error {
		if first {
			first = false
			return broker.ErrStale
		}
		return nil
	}
	for range 2 {
		j := jobs(b, "o-1")
		j[0].effect = func(tx *store.Tx) ([]Line, error) { return p.applyReserve(tx, j[0].event, "", nil) }
		p.handle(t.Context(), j)
	}
	if got := b.settlements("ack"); len(got) != 1 {
		t.Errorf("saw the acks %+v; expected that of the second delivery", got)
	}
	if got := reservations(t, p); len(got) != 1 {
		t.Errorf("saw the reservations %v; expected one", got)
	}
}

func TestRetryDelay(t *testing.T) {
	for _, c := range []struct {
		why     string
		attempt int
		want    time.Duration
	}{
		{"the first attempt failed", 1, 250 * time.Millisecond},
		{"the second", 2, time.Second},
		{"the third", 3, 4 * time.Second},
		{"the last delay repeats", 4, 4 * time.Second},
		{"up to the last attempt", maxAttempts, 4 * time.Second},
		{"a broker that does not count", 0, 250 * time.Millisecond},
	} {
		if got := retryDelay(c.attempt); got != c.want {
			t.Errorf("%s: saw %s; expected %s", c.why, got, c.want)
		}
	}
	if maxAttempts >= deliveryLimit {
		t.Errorf("the broker parks after %d deliveries, the service after %d; expected the service to be first",
			deliveryLimit, maxAttempts)
	}
}
