package service

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"squall/system/order"
	"squall/system/store"
)

func ledger(t *testing.T, p *process) []string {
	t.Helper()
	return records(t, p, "audit.ledger", func(r store.Record) string { return fmt.Sprint(r.Key, " ", r.Amount, " ", r.To) })
}

// everything returns all final records of a process, as text without moments and
// transports.
func everything(t *testing.T, p *process) (all []string) {
	t.Helper()
	err := p.audit(t.Context(), func(r store.Record) error {
		if r.At = 0; r.Kind != "audit.stock" || r.SKU == testOrder.SKU {
			all = append(all, encoded(r))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// TestEffectsAreIdempotent: the effect of an event is the same whether it happens
// once or twice, even without the inbox, as after a message that comes under
// another id. The store is SQLite in a file.
func TestEffectsAreIdempotent(t *testing.T) {
	provider, _ := newTestProcess(t, "provider")
	charges := []string{serveHTTP(t, provider)}
	for _, c := range []struct {
		service string
		typ     order.Type
		before  []order.Type // what happened to the order before
		rows    int          // records with and without the repeat
	}{
		{"inventory", order.OrderCreated, nil, 4},                                 // stock, reservation, change, outbox
		{"inventory", order.PaymentDeclined, []order.Type{order.OrderCreated}, 6}, // one more change and outbox row
		{"payment", order.StockReserved, nil, 2},                                  // payment, outbox
		{"shipping", order.PaymentCaptured, nil, 3},                               // shipment, two outbox rows
		{"orders", order.StockReserved, nil, 3},                                   // order, two transitions
		{"orders", order.StockRejected, nil, 3},
		{"orders", order.StockReleased, nil, 4},
		{"orders", order.PaymentCaptured, nil, 4},
		{"orders", order.OrderShipped, nil, 5},
		{"orders", order.OrderDelivered, []order.Type{order.OrderShipped}, 6},
	} {
		t.Run(c.service+" "+string(c.typ), func(t *testing.T) {
			p, _ := newTestProcess(t, c.service, func(cfg *Config) { cfg.Provider = charges })
			happen := func(typ order.Type) (lines []Line) {
				effect, err := p.role.prepare(t.Context(), order.NewEvent(typ, testOrder, 1), "", 1)
				if err != nil {
					t.Fatal(err)
				}
				update(t, p, func(tx *store.Tx) (err error) {
					lines, err = effect(tx)
					return err
				})
				return lines
			}
			if c.service == "orders" {
				update(t, p, func(tx *store.Tx) error {
					_, err := tx.CreateOrder(testOrder, 1)
					return err
				})
			}
			for _, typ := range c.before {
				happen(typ)
			}
			if lines := happen(c.typ); len(lines) == 0 {
				t.Error("the first time, it told nothing; expected an event of what changed")
			}
			once := everything(t, p)
			if lines := happen(c.typ); len(lines) != 0 {
				t.Errorf("the second time, it told %+v; expected nothing, since nothing changed", lines)
			}
			if twice := everything(t, p); !slices.Equal(once, twice) {
				t.Errorf("once:\n%s\ntwice:\n%s", strings.Join(once, "\n"), strings.Join(twice, "\n"))
			}
			if len(once) != c.rows {
				t.Errorf("saw %d records; expected %d:\n%s", len(once), c.rows, strings.Join(once, "\n"))
			}
		})
	}
	if got := ledger(t, provider); !slices.Equal(got, []string{"o-1 500 captured"}) {
		t.Errorf("the ledger holds %v; expected one charge of o-1", got)
	}
}

// TestRequestsAreIdempotent: a request that a client sends again gets the same
// outcome, and changes nothing.
func TestRequestsAreIdempotent(t *testing.T) {
	provider, _ := newTestProcess(t, "provider")
	charges := []string{serveHTTP(t, provider)}
	body := encoded(testOrder)
	for _, c := range []struct {
		service, path, body string
		first, second       int
		outcome             string
		rows                int
	}{
		{"orders", "/orders", body, http.StatusAccepted, http.StatusOK, `"state":"CREATED"`, 3 + 6}, // with the bindings
		{"inventory", "/reserve", body, 200, 200, `"outcome":"held"`, 3},
		{"inventory", "/reserve", encoded(order.Order{ID: "o-9", SKU: 1, Qty: 99}), 200, 200, `"outcome":"rejected"`, 2},
		{"inventory", "/release", body, 200, 200, `"outcome":"released"`, 1}, // of what was never reserved
		{"payment", "/pay", body, 200, 200, `"outcome":"captured"`, 1},
		{"shipping", "/ship", body, 200, 200, `"outcome":"delivered"`, 1},
		{"provider", "/charges", encoded(charge{Order: "o-1", Amount: 5, Attempt: 1}), 200, 200, `"outcome":"captured"`, 1},
	} {
		t.Run(c.service+c.path, func(t *testing.T) {
			p, _ := newTestProcess(t, c.service, func(cfg *Config) { cfg.Provider = charges })
			if c.service == "orders" {
				p.broker = newMemoryBroker()
			}
			first := request(p, http.MethodPost, c.path, c.body, "Idempotency-Key", "o-1")
			once := everything(t, p)
			second := request(p, http.MethodPost, c.path, c.body, "Idempotency-Key", "o-1")
			if first.Code != c.first || second.Code != c.second {
				t.Errorf("saw %d, then %d; expected %d, then %d", first.Code, second.Code, c.first, c.second)
			}
			if first.Body.String() != second.Body.String() || !strings.Contains(first.Body.String(), c.outcome) {
				t.Errorf("saw %s, then %s; expected %s both times", first.Body, second.Body, c.outcome)
			}
			if twice := everything(t, p); !slices.Equal(once, twice) {
				t.Errorf("once:\n%s\ntwice:\n%s", strings.Join(once, "\n"), strings.Join(twice, "\n"))
			}
			if len(once) != c.rows {
				t.Errorf("saw %d records; expected %d:\n%s", len(once), c.rows, strings.Join(once, "\n"))
			}
		})
	}
}

// TestRequestsRefused: what makes no sense is answered with 400, and nothing is
// written.
func TestRequestsRefused(t *testing.T) {
	for _, c := range []struct{ why, service, path, body, says string }{
		{"it is not JSON", "orders", "/orders", "o-1", "body: invalid character"},
		{"an order without an id", "orders", "/orders", `{"sku":1,"qty":1}`, "order id: saw 0 characters"},
		{"an order of nothing", "orders", "/orders", `{"id":"o-1","sku":1}`, "qty: saw 0"},
		{"a body that does not end", "orders", "/orders", `"` + strings.Repeat("x", 1<<20) + `"`, "too large"},
		{"a reservation that is not JSON", "inventory", "/reserve", "{", "body: unexpected end"},
		{"a charge without a key", "provider", "/charges", `{"order":"o-1"}`, `saw the order "o-1" and the Idempotency-Key ""`},
	} {
		p, events := newTestProcess(t, c.service)
		before := everything(t, p)
		w := request(p, http.MethodPost, c.path, c.body)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: saw %d %s; expected 400 that says %s", c.why, w.Code, w.Body, c.says)
		}
		if after := everything(t, p); !slices.Equal(before, after) || len(events.of(t, "order.created")) != 0 {
			t.Errorf("%s: something was written: %v", c.why, after)
		}
	}
}

func TestGetOrder(t *testing.T) {
	p, _ := newTestProcess(t, "orders")
	p.broker = newMemoryBroker()
	request(p, http.MethodPost, "/orders", encoded(testOrder))
	w := request(p, http.MethodGet, "/orders/o-1", "")
	if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != `{"id":"o-1","state":"CREATED"}` {
		t.Errorf("saw %d %s; expected the order and its state", w.Code, w.Body)
	}
	if w := request(p, http.MethodGet, "/orders/o-2", ""); w.Code != http.StatusNotFound {
		t.Errorf("saw %d %s for an order that does not exist; expected 404", w.Code, w.Body)
	}
	if err := p.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{
		request(p, http.MethodGet, "/orders/o-1", "").Code,
		request(p, http.MethodPost, "/orders", encoded(order.Order{ID: "o-3", SKU: 1, Qty: 1})).Code,
	} {
		if status != http.StatusServiceUnavailable {
			t.Errorf("without a database saw %d; expected 503", status)
		}
	}
}

// TestTransit: in the synchronous mode an order is sent at once, and delivered
// when the transit time is over, which the caller waits for.
func TestTransit(t *testing.T) {
	const transit = 50 * time.Millisecond
	p, events := newTestProcess(t, "shipping", func(cfg *Config) { cfg.Transit = transit })
	if w := request(p, http.MethodPost, "/ship", encoded(testOrder)); w.Code != http.StatusOK {
		t.Fatalf("saw %d %s; expected 200", w.Code, w.Body)
	}
	sent, delivered := events.of(t, "shipment.sent"), events.of(t, "shipment.delivered")
	if len(sent) != 1 || len(delivered) != 1 || time.Duration(delivered[0].At-sent[0].At) < transit {
		t.Errorf("saw it sent %+v and delivered %+v; expected both once, %s apart or more", sent, delivered, transit)
	}
	state := records(t, p, "audit.shipment", func(r store.Record) string { return r.Order + " " + r.To })
	if !slices.Equal(state, []string{"o-1 delivered"}) {
		t.Errorf("saw the shipments %v; expected o-1 delivered", state)
	}
}

// TestCallerGone: work that the caller no longer waits for is not begun, and not
// written down.
func TestCallerGone(t *testing.T) {
	for _, c := range []struct{ service, path, body string }{
		{"inventory", "/reserve", encoded(testOrder)},
		{"payment", "/pay", encoded(testOrder)},
		{"shipping", "/ship", encoded(testOrder)},
		{"provider", "/charges", encoded(charge{Order: "o-1", Attempt: 1})},
	} {
		for _, busy := range []bool{false, true} {
			p, _ := newTestProcess(t, c.service, func(cfg *Config) { cfg.Workers = 1; cfg.Work.Median = time.Hour })
			before := everything(t, p)
			if busy {
				if err := p.slots.acquire(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			req := httptest.NewRequestWithContext(gone, http.MethodPost, c.path, strings.NewReader(c.body))
			req.Header.Set("Idempotency-Key", "o-1")
			p.mux().ServeHTTP(httptest.NewRecorder(), req)
			if after := everything(t, p); !slices.Equal(before, after) {
				t.Errorf("%s, busy %v: saw the records %v; expected %v", c.path, busy, after, before)
			}
		}
	}
}
