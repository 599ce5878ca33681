package record

import (
	"os"
	"path/filepath"
	"testing"

	"squall/sim"
)

func TestHistoryIsReadableAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.ndjson.zst")
	h, err := CreateHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	h.flushed = h.flushed.Add(-2 * flushEvery) // the first write flushes
	for i := range 500 {
		if err := h.Write(sim.Event{At: int64(i + 1), Kind: sim.Gauges}); err != nil {
			t.Fatal(err)
		}
	}
	// No Close: what was flushed is all there is, and it breaks off.
	var n int
	whole, err := ReadHistory(path, func(e sim.Event) error { n++; return nil })
	if err != nil || whole || n == 0 {
		t.Fatalf("read %d events, whole %v, error %v; want some, broken off, none", n, whole, err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	n = 0
	if whole, err = ReadHistory(path, func(sim.Event) error { n++; return nil }); err != nil || !whole || n != 500 {
		t.Fatalf("after Close: read %d events, whole %v, error %v; want 500, whole", n, whole, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if whole, err = ReadHistory(path, func(sim.Event) error { return nil }); err != nil || whole {
		t.Fatalf("half a file: whole %v, error %v; want broken off, none", whole, err)
	}
}

// A read of an order is no commit for it: its lag does not grow by being looked
// at.
func TestReadsCommitNothing(t *testing.T) {
	rec := NewTrialRecord()
	begin := sim.Event{Kind: sim.TrialStart, At: 1}
	ProbeSettings(sim.Probes{Share: 1, Every: 1e6}, 7, &begin)
	for _, e := range []sim.Event{
		begin,
		{Kind: sim.ClientResponse, Order: "a", At: 10, Intended: 5, Sent: 5, Outcome: sim.OutcomeOK},
		{Kind: sim.OrderDelivered, Src: "orders-1", Order: "a", At: 20},
		{Kind: sim.ClientRead, Src: "client", Order: "a", Sent: 30, At: 31, To: "DELIVERED", Outcome: sim.OutcomeOK},
	} {
		rec.Add(e)
	}
	o := rec.order("a")
	if o.LastCommit != 20 || o.TerminalAt != 20 {
		t.Errorf("last commit %d, terminal at %d, expected 20", o.LastCommit, o.TerminalAt)
	}
	if o.Probed == nil || len(o.Probed.Reads) != 1 || o.Probed.Told[sim.StateDelivered] != 20 {
		t.Errorf("probed: %+v", o.Probed)
	}
}

func TestClockTroubleIsTold(t *testing.T) {
	rec := NewTrialRecord()
	rec.Add(sim.Event{Src: "orders-1", Kind: sim.ClockTrouble, Detail: "an event is 1s in the future"})
	want := sim.Reason{Kind: sim.ReasonClock, Text: "the clock of orders-1 cannot be trusted: an event is 1s in the future"}
	if len(rec.Trouble) != 1 || rec.Trouble[0] != want {
		t.Errorf("trouble: %q", rec.Trouble)
	}
}
