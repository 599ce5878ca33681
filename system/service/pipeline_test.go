package service

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"squall/system/order"
)

// pipeline is all services, a replica each, as one variant wires them.
type pipeline struct {
	orders, inventory, payment, shipping, provider *process
	events                                         *recorder // of orders
}

// newPipeline makes the processes of a mode, which call each other over HTTP.
func newPipeline(t *testing.T, mode string, change ...func(*Config)) *pipeline {
	t.Helper()
	with := func(service string, more ...func(*Config)) (*process, *recorder) {
		all := append([]func(*Config){func(cfg *Config) { cfg.Mode = mode }}, more...)
		return newTestProcess(t, service, append(all, change...)...)
	}
	l := &pipeline{}
	l.provider, _ = with("provider")
	charges := []string{serveHTTP(t, l.provider)}
	l.inventory, _ = with("inventory")
	l.payment, _ = with("payment", func(cfg *Config) { cfg.Provider = charges })
	l.shipping, _ = with("shipping")
	l.orders, l.events = with("orders", func(cfg *Config) {
		cfg.Inventory = []string{serveHTTP(t, l.inventory)}
		cfg.Payment = []string{serveHTTP(t, l.payment)}
		cfg.Shipping = []string{serveHTTP(t, l.shipping)}
	})
	return l
}

// onHand is the stock of SKU 1 that is left.
func (l *pipeline) onHand(t *testing.T) (left string) {
	t.Helper()
	for _, r := range everything(t, l.inventory) {
		if strings.Contains(r, `"audit.stock"`) {
			var s struct{ Qty json.Number }
			if err := json.Unmarshal([]byte(r), &s); err != nil {
				t.Fatal(err)
			}
			left = s.Qty.String()
		}
	}
	return left
}

// outcomes are the three ends that an order can come to, in either mode.
var outcomes = []struct {
	why    string
	order  order.Order
	change func(*Config)
	state  order.State
	events []string // kinds that orders tells, in this order
	onHand string
}{
	{"delivered", testOrder, func(*Config) {}, order.Delivered,
		[]string{"order.created", "order.reserved", "order.paid", "order.shipped", "order.delivered"}, "8"},
	{"no stock", order.Order{ID: "o-1", SKU: 1, Qty: 11}, func(*Config) {}, order.Cancelled,
		[]string{"order.created", "order.cancelled"}, "10"},
	{"declined, and the stock released", testOrder, func(cfg *Config) { cfg.Declines = 1 }, order.Cancelled,
		[]string{"order.created", "order.reserved", "order.cancelled"}, "10"},
}

// told returns the kinds of the events of orders, in the order of the writing.
func (l *pipeline) told(t *testing.T) (kinds []string) {
	t.Helper()
	l.events.mu.Lock()
	defer l.events.mu.Unlock()
	for line := range strings.Lines(l.events.text.String()) {
		var e Line
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(e.Kind, "order.") {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func TestSyncPipeline(t *testing.T) {
	for _, c := range outcomes {
		t.Run(c.why, func(t *testing.T) {
			l := newPipeline(t, Sync, c.change)
			w := request(l.orders, http.MethodPost, "/orders", encoded(c.order))
			if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"state":"`+string(c.state)+`"`) {
				t.Fatalf("saw %d %s; expected 201 and %s", w.Code, w.Body, c.state)
			}
			if got := l.told(t); !slices.Equal(got, c.events) {
				t.Errorf("saw the events %v; expected %v", got, c.events)
			}
			if got := l.onHand(t); got != c.onHand {
				t.Errorf("saw a stock of %s; expected %s", got, c.onHand)
			}
			again := request(l.orders, http.MethodPost, "/orders", encoded(c.order))
			if again.Code != http.StatusOK || !strings.Contains(again.Body.String(), string(c.state)) {
				t.Errorf("sent again: saw %d %s; expected 200 and %s", again.Code, again.Body, c.state)
			}
		})
	}
}

// TestAsyncPipeline runs all services over one broker, as processes that serve,
// consume and relay, until the order has come to its end and all is at rest.
func TestAsyncPipeline(t *testing.T) {
	for _, c := range outcomes {
		t.Run(c.why, func(t *testing.T) {
			l := newPipeline(t, Async, c.change, func(cfg *Config) { cfg.Transit = time.Millisecond })
			b := newMemoryBroker()
			processes := []*process{l.orders, l.inventory, l.payment, l.shipping}
			for _, p := range processes {
				p.broker = b
				inBackground(t, p.serve)
			}
			w := request(l.orders, http.MethodPost, "/orders", encoded(c.order))
			if w.Code != http.StatusAccepted {
				t.Fatalf("saw %d %s; expected 202", w.Code, w.Body)
			}
			eventually(t, "the order has come to its end", func() bool {
				return strings.Contains(request(l.orders, http.MethodGet, "/orders/o-1", "").Body.String(), string(c.state))
			})
			eventually(t, "all is at rest", func() bool {
				for _, p := range processes {
					s, err := p.status(t.Context())
					if err != nil || s.Shared["outbox"]+s.Shared["queue"]+s.Local["inflight"]+s.Local["unacked"] > 0 {
						return false
					}
				}
				return true
			})
			if got := l.told(t); !slices.Equal(got, c.events) {
				t.Errorf("saw the events %v; expected %v", got, c.events)
			}
			if got := l.onHand(t); got != c.onHand {
				t.Errorf("saw a stock of %s; expected %s", got, c.onHand)
			}
			if others := append(b.settlements("retry"), b.settlements("park")...); len(others) != 0 {
				t.Errorf("saw the settlements %+v; expected only acks", others)
			}
		})
	}
}

// TestSyncFailures: what fails behind orders is told to the customer with a status
// that says what it was, and what was done until then stays.
func TestSyncFailures(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of order", http.StatusInternalServerError)
	}))
	defer refusing.Close()
	babbling := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("fine")) // not JSON
	}))
	defer babbling.Close()
	hanging, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	addr := func(s *httptest.Server) []string { return []string{strings.TrimPrefix(s.URL, "http://")} }
	for _, c := range []struct {
		why    string
		change func(*Config) // of orders
		status int
		says   string
		state  order.State
	}{
		{"inventory is not there", func(cfg *Config) { cfg.Inventory = []string{gone.Addr().String()} },
			http.StatusBadGateway, "call /reserve: ", order.Created},
		{"inventory has no address", func(cfg *Config) { cfg.Inventory = nil },
			http.StatusBadGateway, "call /reserve: the address of no replica is set", order.Created},
		{"payment answers that it cannot", func(cfg *Config) { cfg.Payment = addr(refusing) },
			http.StatusServiceUnavailable, "call /pay: it answered 500: out of order", order.Reserved},
		{"payment answers nonsense", func(cfg *Config) { cfg.Payment = addr(babbling) },
			http.StatusBadGateway, "call /pay: ", order.Reserved},
		{"shipping does not answer in time", func(cfg *Config) {
			cfg.Shipping, cfg.Timeout = []string{hanging.Addr().String()}, 300*time.Millisecond
		}, http.StatusGatewayTimeout, "call /ship: ", order.Paid},
	} {
		t.Run(c.why, func(t *testing.T) {
			l := newPipeline(t, Sync)
			c.change(&l.orders.cfg)
			w := request(l.orders, http.MethodPost, "/orders", encoded(testOrder))
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("saw %d %s; expected %d that says %s", w.Code, w.Body, c.status, c.says)
			}
			if w := request(l.orders, http.MethodGet, "/orders/o-1", ""); !strings.Contains(w.Body.String(), string(c.state)) {
				t.Errorf("saw the order %s; expected it to stay %s", w.Body, c.state)
			}
		})
	}
}

// TestReplicasTakeTurns: calls go to each replica in turn.
func TestReplicasTakeTurns(t *testing.T) {
	l := newPipeline(t, Sync)
	second, _ := newTestProcess(t, "provider")
	l.payment.cfg.Provider = append(l.payment.cfg.Provider, serveHTTP(t, second))
	for _, id := range []string{"o-1", "o-2", "o-3", "o-4"} {
		w := request(l.payment, http.MethodPost, "/pay", encoded(order.Order{ID: id, SKU: 1, Qty: 1}))
		if w.Code != http.StatusOK {
			t.Fatalf("%s: saw %d %s", id, w.Code, w.Body)
		}
	}
	if a, b := len(ledger(t, l.provider)), len(ledger(t, second)); a != 2 || b != 2 {
		t.Errorf("saw %d charges at the first, %d at the second; expected 2 at both", a, b)
	}
}
