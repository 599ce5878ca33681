package service

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"squall/system/order"
	"squall/system/store"
)

// patience is how long a test waits for what must happen. It is long because
// the machine may be busy; a test that passes does not use it up.
const patience = 30 * time.Second

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not within %s: %s", patience, what)
}

// recorder keeps the events that a process writes.
type recorder struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

// of returns the events of a kind, in the order in which they were written.
func (r *recorder) of(t *testing.T, kind string) (lines []Line) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	dec := json.NewDecoder(bytes.NewReader(r.text.Bytes()))
	for {
		var l Line
		if err := dec.Decode(&l); err == io.EOF {
			return lines
		} else if err != nil {
			t.Fatalf("an event cannot be read: %v", err)
		}
		if l.Kind == kind {
			lines = append(lines, l)
		}
	}
}

// newTestProcess returns a replica of a service over SQLite, which serves and
// consumes nothing yet, and its events.
func newTestProcess(t *testing.T, service string, change ...func(*Config)) (*process, *recorder) {
	t.Helper()
	cfg := Config{
		Service: service, Process: service + "-1", Listen: "127.0.0.1:0", Mode: Async,
		Store: store.Config{Kind: "sqlite", Dir: t.TempDir(), Schema: service},
		Seed:  1, SKUs: 3, Stock: 10, Workers: 4, Prefetch: 16, Timeout: patience, DeliveryLimit: deliveryLimit,
		bugs: bugs{},
	}
	for _, f := range change {
		f(&cfg)
	}
	events := &recorder{}
	p, err := newProcess(cfg, events)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if p.db, err = store.Open(ctx, cfg.Store); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.db.Close() }) // the test has read what it needs
	if p.role.start != nil {
		if err := p.role.start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	return p, events
}

// serveHTTP serves a process's requests, and returns its address.
func serveHTTP(t *testing.T, p *process) (addr string) {
	t.Helper()
	s := httptest.NewServer(p.mux())
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// request sends a request to a process's handlers and returns its answer.
func request(p *process, method, path, body string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.mux().ServeHTTP(w, req)
	return w
}

// records returns what an audit of the service yields of one kind, once each
// record is reduced to text.
func records(t *testing.T, p *process, kind string, text func(store.Record) string) (all []string) {
	t.Helper()
	err := p.audit(t.Context(), func(r store.Record) error {
		if r.Kind == kind {
			all = append(all, text(r))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func update(t *testing.T, p *process, f func(tx *store.Tx) error) {
	t.Helper()
	if err := p.db.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// unsent counts the rows of a process's outbox that are not marked as sent.
func unsent(t *testing.T, p *process) (n int64) {
	t.Helper()
	err := p.db.View(t.Context(), func(tx *store.Tx) (err error) {
		n, err = tx.Unsent()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var testOrder = order.Order{ID: "o-1", SKU: 1, Qty: 2, Amount: 500}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings and numbers: cannot happen
	}
	return string(b)
}

func TestRunRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	good := func() Config {
		return Config{
			Service: "provider", Process: "provider-1", Listen: "127.0.0.1:0", Mode: Sync, Workers: 1,
			Store: store.Config{Kind: "sqlite", Dir: t.TempDir(), Schema: "provider"},
		}
	}
	for _, c := range []struct {
		why    string
		change func(*Config)
		says   string
	}{
		{"a service that does not exist", func(c *Config) { c.Service = "billing" },
			`saw the service "billing"; expected one of inventory, orders, payment, provider, shipping`},
		{"a store that does not exist", func(c *Config) { c.Store.Kind = "paper" }, `saw the kind "paper"`},
		{"an address that another program uses", func(c *Config) { c.Listen = taken.Addr().String() }, "SQUALL_LISTEN"},
		{"a broker that does not exist", func(c *Config) {
			c.Service, c.Store.Schema, c.Mode, c.Broker.Kind = "shipping", "shipping", Async, "pigeon"
		}, `saw the kind "pigeon"`},
	} {
		t.Run(c.why, func(t *testing.T) {
			cfg := good()
			c.change(&cfg)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := Run(ctx, cfg, io.Discard); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("saw the error %v; expected one that says %s", err, c.says)
			}
		})
	}
}

// TestRunFinishesRequests: a process that is asked to end answers the request
// that it works on, and takes no new one.
func TestRunFinishesRequests(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil { // Run takes the address
		t.Fatal(err)
	}
	events := &recorder{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Config{
			Service: "shipping", Process: "shipping-1", Listen: addr, Mode: Sync, Workers: 1,
			Store: store.Config{Kind: "sqlite", Dir: t.TempDir(), Schema: "shipping"},
			Work:  Work{Median: time.Second}, // below finishTime,
		}, events)
	}()
	eventually(t, "the process is ready", func() bool { return len(events.of(t, "process.ready")) == 1 })
	status := make(chan int, 1)
	go func() {
		resp, err := http.Post("http://"+addr+"/ship", "application/json", strings.NewReader(encoded(testOrder)))
		if err != nil {
			t.Errorf("the request that was in work: %v", err)
			status <- 0
			return
		}
		defer resp.Body.Close()
		status <- resp.StatusCode
	}()
	eventually(t, "the request is in work", func() bool {
		resp, err := http.Get("http://" + addr + "/status")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		var s Status
		return json.NewDecoder(resp.Body).Decode(&s) == nil && s.Local["inflight"] == 1
	})
	cancel()
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request that was in work was answered with %d; expected 200", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run returned %v; expected nil after its context ended", err)
	}
	if resp, err := http.Get("http://" + addr + "/healthz"); err == nil {
		resp.Body.Close()
		t.Error("the process still answers after its end")
	}
}
