package service

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// writes keeps each call of Write.
type writes struct {
	mu  sync.Mutex
	all []string
}

func (w *writes) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, string(b))
	return len(b), nil
}

// TestJournal: events that belong together are one write, so that a kill cannot
// come between them, and moments never go back.
func TestJournal(t *testing.T) {
	out := &writes{}
	j := &journal{to: out}
	before := Now()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			j.emit(Line{Kind: "stock.reserved", Order: "o-1", SKU: 3, Qty: 2}, Line{Kind: "order.reserved", Order: "o-1"})
		})
	}
	wg.Wait()
	j.emit() // no event is no write
	after := Now()
	if len(out.all) != 8 {
		t.Fatalf("saw %d writes; expected 8", len(out.all))
	}
	last := before
	for _, w := range out.all {
		lines := strings.Split(strings.TrimSuffix(w, "\n"), "\n")
		if len(lines) != 2 {
			t.Fatalf("saw %d lines in one write; expected 2: %q", len(lines), w)
		}
		for i, line := range lines {
			var got Line
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatalf("the line %q: %v", line, err)
			}
			if got.At < last || got.At > after {
				t.Errorf("the moment %d is not between %d and %d", got.At, last, after)
			}
			last = got.At
			if want := []string{"stock.reserved", "order.reserved"}[i]; got.Kind != want || got.Order != "o-1" {
				t.Errorf("line %d: saw %+v; expected %s of o-1", i+1, got, want)
			}
		}
	}
	(&journal{}).emit(Line{Kind: "nobody.reads"}) // as when a topology is asked for
}

func TestSpan(t *testing.T) {
	const parent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
	for _, c := range []struct {
		why, parent string
		same        bool // the trace goes on
	}{
		{"a call on behalf of another", parent, true},
		{"flags are kept", strings.TrimSuffix(parent, "01") + "00", true},
		{"nothing came before", "", false},
		{"another version", "ff" + parent[2:], false},
		{"upper case", strings.ToUpper(parent), false},
		{"cut short", parent[:54], false},
	} {
		got := span(c.parent)
		if !traceForm.MatchString(got) {
			t.Errorf("%s: saw %q, which is no trace context", c.why, got)
			continue
		}
		if same := strings.HasPrefix(c.parent, got[:36]); same != c.same {
			t.Errorf("%s: saw %q; the same trace %v, expected %v", c.why, got, same, c.same)
		}
		if c.same && (got[36:52] == c.parent[36:52] || got[52:] != c.parent[52:]) {
			t.Errorf("%s: saw %q for %q; expected a new span and the same flags", c.why, got, c.parent)
		}
		if again := span(c.parent); again == got {
			t.Errorf("%s: saw the same span twice", c.why)
		}
	}
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("Traceparent", parent)
	if got := traceOf(req); got != parent {
		t.Errorf("saw the trace %q of a request; expected %q", got, parent)
	}
}

// TestTopology: every type of event has a queue, and each queue is bound to what
// its service handles.
func TestTopology(t *testing.T) {
	topo := Topology(7)
	if topo.DeliveryLimit != 7 || !slices.Equal(topo.RetryDelays, retryDelays) || topo.DropAtLimit {
		t.Errorf("saw %+v; expected a limit of 7 and the delays %v", topo, retryDelays)
	}
	var got []string
	for _, q := range topo.Queues {
		got = append(got, fmt.Sprint(q.Name, " ", q.Types))
	}
	want := []string{
		"orders [stock.reserved stock.rejected stock.released payment.captured order.shipped order.delivered]",
		"inventory [order.created payment.declined]",
		"payment [stock.reserved]",
		"shipping [payment.captured]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("saw\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
