package load

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// attack sends n requests at a rate to a handler, and returns what was written.
func attack(
	t *testing.T, ctx context.Context, n int, every time.Duration, start int64, h http.HandlerFunc,
) (sim.LoadFidelity, []sim.Event) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s := &sim.Schedule{}
	for i := range n {
		s.At = append(s.At, time.Duration(i)*every)
		s.Orders = append(s.Orders, sim.Order{SKU: 1, Qty: 1, Amount: 100})
	}
	var mu sync.Mutex
	var events []sim.Event
	f, err := Run(ctx, sim.Attack{
		Start: start, Schedule: s, Timeout: 500 * time.Millisecond, Counted: &sim.Counters{},
		Targets: []string{strings.TrimPrefix(server.URL, "http://")},
		Write:   func(e sim.Event) { mu.Lock(); events = append(events, e); mu.Unlock() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, events
}

// A generator that starts 200 ms behind its schedule sends at once what is
// overdue, and the wait is part of every latency: it is not forgotten.
func TestLatencyCountsFromTheIntendedMoment(t *testing.T) {
	const behind = int64(200 * time.Millisecond)
	f, events := attack(t, t.Context(), 10, time.Millisecond, clock.Now()-behind, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
	})
	if f.Sent != 10 || f.Late != 10 || f.LateP50MS < 150 {
		t.Errorf("fidelity %+v, expected ten sent, all late by about 200 ms", f)
	}
	for _, e := range events {
		if e.At-e.Intended < int64(150*time.Millisecond) {
			t.Errorf("request %d: %s from the intended moment, expected about 200ms", e.Seq, time.Duration(e.At-e.Intended))
		}
		if e.Sent-e.Intended <= 0 || e.At < e.Sent {
			t.Errorf("request %d: intended %d, sent %d, answered %d are out of order", e.Seq, e.Intended, e.Sent, e.At)
		}
		if e.Outcome != sim.OutcomeOK || e.Order != sim.OrderID(e.Seq) {
			t.Errorf("request %d: outcome %s, order %s", e.Seq, e.Outcome, e.Order)
		}
	}
}

// The loop is open: that nobody answers does not keep later requests back.
func TestScheduleIsKeptThoughNobodyAnswers(t *testing.T) {
	f, events := attack(t, t.Context(), 100, 2*time.Millisecond, clock.Now(), func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server watch for the client's going
		<-r.Context().Done()
	})
	if f.Unsent != 0 || len(events) != 100 {
		t.Fatalf("%d of 100 unsent, %d answers", f.Unsent, len(events))
	}
	for _, e := range events {
		if e.Outcome != sim.OutcomeInfo || e.Detail != "timeout" {
			t.Fatalf("request %d: %s, %s; expected info, timeout", e.Seq, e.Outcome, e.Detail)
		}
	}
}

func TestInterruptedLoadCountsWhatItDidNotSend(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, _ := attack(t, ctx, 1000, 10*time.Millisecond, clock.Now(), func(http.ResponseWriter, *http.Request) { cancel() })
	if f.Unsent == 0 || f.Sent+f.Unsent != 1000 {
		t.Fatalf("sent %d, unsent %d of 1000", f.Sent, f.Unsent)
	}
}

func BenchmarkAttack(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	s := &sim.Schedule{At: make([]time.Duration, b.N), Orders: make([]sim.Order, b.N)}
	b.ResetTimer()
	_, err := Run(b.Context(), sim.Attack{
		Start: clock.Now(), Schedule: s, Timeout: time.Minute, Counted: &sim.Counters{},
		Targets: []string{strings.TrimPrefix(server.URL, "http://")}, Write: func(sim.Event) {},
	})
	if err != nil {
		b.Fatal(err)
	}
}
