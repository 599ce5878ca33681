package service

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

// TestAuditEnds: an audit is JSON, one object a line, and ends with audit.end; one
// that could not be read ends with audit.failed and the reason.
func TestAuditEnds(t *testing.T) {
	for _, c := range []struct {
		why  string
		fail func(*testing.T, *process, *memoryBroker)
		last string
		says string
	}{
		{"all is read", func(*testing.T, *process, *memoryBroker) {}, "audit.end", ""},
		{"the parked messages cannot be read", func(_ *testing.T, _ *process, b *memoryBroker) {
			b.broken = errors.New("no connection")
		}, "audit.failed", "no connection"},
		{"the database cannot be read", func(t *testing.T, p *process, _ *memoryBroker) {
			if err := p.db.Close(); err != nil {
				t.Fatal(err)
			}
		}, "audit.failed", "read the records of orders: "},
	} {
		t.Run(c.why, func(t *testing.T) {
			p, _ := newTestProcess(t, "orders")
			b := newMemoryBroker()
			p.broker = b
			b.parked = []settlement{{id: "poison-1", queue: "payment"}}
			request(p, http.MethodPost, "/orders", encoded(testOrder))
			c.fail(t, p, b)
			w := request(p, http.MethodGet, "/audit", "")
			kinds := map[string]int{}
			var last Line
			for lines := bufio.NewScanner(w.Body); lines.Scan(); {
				last = Line{}
				if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
					t.Fatalf("the line %q: %v", lines.Text(), err)
				}
				kinds[last.Kind]++
			}
			if last.Kind != c.last || !strings.Contains(last.Detail, c.says) {
				t.Errorf("the last line is %+v; expected %s that says %q", last, c.last, c.says)
			}
			if n := kinds["audit.end"] + kinds["audit.failed"]; n != 1 {
				t.Errorf("saw %v; expected one line that ends it", kinds)
			}
			if c.says == "" {
				want := map[string]int{
					"audit.binding": 6, "audit.parked": 1, "audit.order": 1, "audit.transition": 1, "audit.outbox": 1, "audit.end": 1,
				}
				for kind, n := range want {
					if kinds[kind] != n {
						t.Errorf("saw %d lines %s; expected %d", kinds[kind], kind, n)
					}
				}
			}
			if got := w.Header().Get("Content-Type"); got != "application/x-ndjson" {
				t.Errorf("saw the type %q; expected application/x-ndjson", got)
			}
		})
	}
}

// TestAuditIsCutShort: a reader that goes away in the middle gets no last line,
// so that it cannot take the part for the whole.
func TestAuditIsCutShort(t *testing.T) {
	p, _ := newTestProcess(t, "inventory", func(cfg *Config) { cfg.SKUs = 5000 })
	w := &shortWriter{room: 1 << 16}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/audit", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.serveAudit(w, req)
	if got := w.text.String(); !strings.Contains(got, "audit.stock") || strings.Contains(got, "audit.end") {
		t.Errorf("saw %d bytes that end with %q; expected a part without audit.end", len(got), got[max(0, len(got)-80):])
	}
}

// shortWriter is a connection that breaks after some bytes.
type shortWriter struct {
	room int
	text strings.Builder
}

func (w *shortWriter) Header() http.Header { return http.Header{} }
func (w *shortWriter) WriteHeader(int)     {}
func (w *shortWriter) Write(b []byte) (int, error) {
	if len(b) > w.room {
		return 0, errors.New("the connection is lost")
	}
	w.room -= len(b)
	return w.text.Write(b)
}

// enqueueOne puts one event into a process's outbox.
func enqueueOne(t *testing.T, p *process) {
	t.Helper()
	update(t, p, func(tx *store.Tx) error {
		p.enqueue(tx, order.NewEvent(order.OrderCreated, testOrder, 1), "", 0)
		return nil
	})
}

func TestStatus(t *testing.T) {
	type gauges = map[string]int64
	for _, c := range []struct {
		why           string
		service       string
		depths        map[string]broker.Depth // nil: no broker
		shared, local gauges
	}{
		{"without messages", "orders", nil, gauges{}, gauges{"inflight": 3}},
		{"the broker counts what is unacknowledged", "inventory",
			map[string]broker.Depth{"inventory": {Ready: 7, Unacked: 2}},
			gauges{"outbox": 1, "queue": 7, "unacked": 2}, gauges{"inflight": 3}},
		{"the broker does not count it", "payment",
			map[string]broker.Depth{"payment": {Ready: 7, Unacked: -1}},
			gauges{"outbox": 1, "queue": 7}, gauges{"inflight": 3, "unacked": 5}},
		{"orders tells of the queues that all share", "orders",
			map[string]broker.Depth{"orders": {Ready: 1, Unacked: 0}, "retry": {Ready: 4}, "parked": {Ready: 9}},
			gauges{"outbox": 1, "queue": 1, "unacked": 0, "retry": 4, "parked": 9}, gauges{"inflight": 3}},
	} {
		t.Run(c.why, func(t *testing.T) {
			p, _ := newTestProcess(t, c.service)
			p.inflight.Store(3)
			p.unacked.Store(5)
			if c.depths != nil {
				b := newMemoryBroker()
				b.depths = c.depths
				p.broker = b
				enqueueOne(t, p)
			}
			w := request(p, http.MethodGet, "/status", "")
			var got Status
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
				t.Fatalf("saw %d %s, %v; expected 200 and JSON", w.Code, w.Body, err)
			}
			if want := (Status{Shared: c.shared, Local: c.local}); !reflect.DeepEqual(got, want) {
				t.Errorf("saw %+v; expected %+v", got, want)
			}
		})
	}
}

// TestStatusFails: a status that is not known is an error, not zeros, since the
// harness takes zeros for rest.
func TestStatusFails(t *testing.T) {
	p, _ := newTestProcess(t, "orders")
	b := newMemoryBroker()
	p.broker, b.broken = b, errors.New("no connection to the broker")
	w := request(p, http.MethodGet, "/status", "")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "no connection") {
		t.Errorf("without a broker: saw %d %s; expected 503 with the reason", w.Code, w.Body)
	}
	b.broken = nil
	if err := p.db.Close(); err != nil {
		t.Fatal(err)
	}
	w = request(p, http.MethodGet, "/status", "")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "closed") {
		t.Errorf("without a database: saw %d %s; expected 503 with the reason", w.Code, w.Body)
	}
}

func TestHealth(t *testing.T) {
	p, _ := newTestProcess(t, "shipping")
	if w := request(p, http.MethodGet, "/healthz", ""); w.Code != http.StatusOK || w.Body.String() != "ok\n" {
		t.Errorf("saw %d %q; expected 200 and ok", w.Code, w.Body)
	}
}
