package service

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"squall/system/broker"
	"squall/system/order"
)

// withBug returns a change that gives a process one bug.
func withBug(name string) func(*Config) {
	return func(cfg *Config) { cfg.bugs = bugs{name: true} }
}

// TestBugs holds each seeded bug to what it says it does wrong. squall selftest
// shows that the audit catches it; here a bug that does nothing is found sooner.
func TestBugs(t *testing.T) {
	tests := map[string]func(*testing.T){
		ackBeforeCommit: func(t *testing.T) {
			p, b, _ := newTestConsumer(t)
			p.cfg.bugs = bugs{ackBeforeCommit: true}
			p.role.prepare = func(ctx context.Context, _ order.Event, _ string, _ int) (effect, error) {
				<-ctx.Done() // the work takes until the end of the test
				return nil, ctx.Err()
			}
			b.deliver("inventory", created("o-1"))
			inBackground(t, p.consume)
			eventually(t, "the message is acknowledged", func() bool { return len(b.settlements("ack")) == 1 })
			if got := handled(t, p); len(got) != 0 {
				t.Errorf("the inbox holds %v; expected nothing when it is acknowledged", got)
			}
		},
		noInbox: func(t *testing.T) {
			p, b, _ := newTestConsumer(t)
			p.cfg.bugs = bugs{noInbox: true}
			inBackground(t, p.consume)
			for n := 1; n <= 2; n++ {
				b.deliver("inventory", created("o-1"))
				eventually(t, "the message is acknowledged", func() bool { return len(b.settlements("ack")) == n })
			}
			l := &pipeline{inventory: p}
			if got := l.onHand(t); got != "8" {
				t.Errorf("saw a stock of %s; expected 8, taken twice by one order", got)
			}
		},
		noOutbox: func(t *testing.T) {
			p, _ := newTestProcess(t, "orders", withBug(noOutbox))
			b := newMemoryBroker()
			p.broker = b
			request(p, http.MethodPost, "/orders", encoded(testOrder))
			if n, rows := len(b.publications()), unsent(t, p); n != 1 || rows != 0 || len(p.unsent) != 0 {
				t.Errorf("saw %d publications, %d rows in the outbox, %d kept; expected one that left no row", n, rows, len(p.unsent))
			}
		},
		noConfirms: func(t *testing.T) {
			p, b, _ := newTestRelay(t, 1, withBug(noConfirms))
			b.answer = func(broker.Message, int) (bool, error) { return false, errWithheld{} }
			inBackground(t, newRelay(p).run)
			eventually(t, "the row is marked without a confirm", func() bool { return unsent(t, p) == 0 })
		},
		unbound: func(t *testing.T) {
			q := bugs{unbound: true}.topology(Topology(1)).Queues[1]
			if q.Name != "inventory" || !slices.Equal(q.Types, []string{string(order.PaymentDeclined)}) {
				t.Errorf("saw the queue %+v; expected inventory's without order.created", q)
			}
		},
		staleAcks: func(*testing.T) {}, // in the broker's driver
		lostUpdate: func(t *testing.T) {
			p, _, _ := newTestConsumer(t)
			p.cfg.bugs = bugs{lostUpdate: true}
			var effects []effect
			for _, id := range []string{"o-1", "o-2"} { // both read the stock before either writes it
				e, err := p.role.prepare(t.Context(), order.NewEvent(order.OrderCreated, order.Order{ID: id, SKU: 1, Qty: 1}, 1), "", 1)
				if err != nil {
					t.Fatal(err)
				}
				effects = append(effects, e)
			}
			for _, e := range effects {
				if err := p.commit(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			l := &pipeline{inventory: p}
			if got := l.onHand(t); got != "9" {
				t.Errorf("saw a stock of %s; expected 9, since one of two updates is lost", got)
			}
		},
		noProviderKey: func(t *testing.T) {
			if got := chargesOf(t, noProviderKey, 0, 2); len(got) != 2 {
				t.Errorf("saw the ledger %v; expected a charge for each of two attempts", got)
			}
		},
		noDeadLetter: func(t *testing.T) {
			if !(bugs{noDeadLetter: true}).topology(Topology(1)).DropAtLimit {
				t.Error("messages are parked at the limit; expected them to be dropped")
			}
		},
		noRelease: func(t *testing.T) {
			l := newPipeline(t, Sync, withBug(noRelease), func(cfg *Config) { cfg.Declines = 1 })
			request(l.orders, http.MethodPost, "/orders", encoded(testOrder))
			if got := l.onHand(t); got != "8" {
				t.Errorf("saw a stock of %s; expected 8, since nothing is released", got)
			}
		},
		retryWithoutKey: func(t *testing.T) {
			if got := chargesOf(t, retryWithoutKey, 2, 1); len(got) != 3 {
				t.Errorf("saw the ledger %v; expected two charges whose answer was lost and a third", got)
			}
		},
		paidBeforeCapture: func(t *testing.T) {
			var asked atomic.Int64
			slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				http.Error(w, "declined", http.StatusInternalServerError)
			}))
			defer slow.Close()
			p, _ := newTestProcess(t, "payment", withBug(paidBeforeCapture), func(cfg *Config) {
				cfg.Provider = []string{strings.TrimPrefix(slow.URL, "http://")}
			})
			w := request(p, http.MethodPost, "/pay", encoded(testOrder))
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "captured") {
				t.Errorf("saw %d %s; expected captured, though the provider fails", w.Code, w.Body)
			}
			eventually(t, "the provider was asked afterwards", func() bool { return asked.Load() == 1 })
		},
	}
	for _, bug := range Bugs() {
		test := tests[bug.Name]
		if test == nil {
			t.Errorf("the bug %s has no test", bug.Name)
			continue
		}
		t.Run(bug.Name, test)
	}
}

// chargesOf charges an order some times, by a payment service with a bug, at a
// provider whose first answers are lost, and returns the provider's ledger.
func chargesOf(t *testing.T, bug string, lost int64, times int) []string {
	t.Helper()
	provider, _ := newTestProcess(t, "provider")
	var calls atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if calls.Add(1) > lost {
			provider.mux().ServeHTTP(w, req)
			return
		}
		provider.mux().ServeHTTP(httptest.NewRecorder(), req)
		http.Error(w, "the answer was lost", http.StatusBadGateway)
	}))
	defer front.Close()
	p, _ := newTestProcess(t, "payment", withBug(bug), func(cfg *Config) {
		cfg.Provider, cfg.Timeout = []string{strings.TrimPrefix(front.URL, "http://")}, 5*time.Second
	})
	for attempt := 1; attempt <= times; attempt++ {
		if _, err := p.charge(t.Context(), testOrder, "", attempt); err != nil {
			t.Errorf("attempt %d: %v", attempt, err)
		}
	}
	return ledger(t, provider)
}

func TestParseBugs(t *testing.T) {
	got, err := parseBugs("no-inbox,stale-acks")
	if err != nil || len(got) != 2 || !got[noInbox] || !got[staleAcks] {
		t.Errorf("saw %v, %v; expected no-inbox and stale-acks", got, err)
	}
	if got, err := parseBugs(""); err != nil || len(got) != 0 {
		t.Errorf("saw %v, %v; expected none", got, err)
	}
}
