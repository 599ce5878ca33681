package record

import (
	"bytes"
	"path/filepath"
	"testing"

	"squall/sim"
)

// FuzzReadEvents: whatever the bytes, whole lines before the first bad one are
// read, and nothing panics.
func FuzzReadEvents(f *testing.F) {
	f.Add([]byte("{\"at\":1,\"kind\":\"gauges\"}\n{\"at\":2,\"kind\":\"gauges\"}\n"))
	f.Add([]byte("{\"at\":1}\n{\"at\":"))
	f.Add([]byte("{\"at\":1e99,\"kind\":7}\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rec := NewTrialRecord()
		n := 0
		cut, err := ReadEvents(bytes.NewReader(text), func(e sim.Event) error { n++; rec.Add(e); rec.AddAudit(e); return nil })
		rec.Finish()
		if n > bytes.Count(text, []byte("\n")) {
			t.Fatalf("%d events of %d lines", n, bytes.Count(text, []byte("\n")))
		}
		if cut != nil && err != nil {
			t.Fatalf("broken off (%v), with an error: %v", cut, err)
		}
		if len(text) > 0 && text[len(text)-1] != '\n' && err == nil && cut == nil {
			t.Fatal("a broken-off line counts as whole")
		}
	})
}

func response(i int) sim.Event {
	return sim.Event{
		At: int64(i), Src: "client", Kind: sim.ClientResponse, Order: sim.OrderID(i), Seq: i, Intended: int64(i), Sent: int64(i),
		Status: 202, Outcome: sim.OutcomeOK,
	}
}

func BenchmarkHistoryWrite(b *testing.B) {
	h, err := CreateHistory(filepath.Join(b.TempDir(), "h"))
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		if err := h.Write(response(i)); err != nil {
			b.Fatal(err)
		}
		i++
	}
	if err := h.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkReadTrial(b *testing.B) {
	path := filepath.Join(b.TempDir(), "h")
	h, err := CreateHistory(path)
	if err != nil {
		b.Fatal(err)
	}
	const events = 100_000
	for i := range events {
		if err := h.Write(response(i)); err != nil {
			b.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ReadTrial(path, path, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(2*events*b.N)/b.Elapsed().Seconds(), "events/s")
}
