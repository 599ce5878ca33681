package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// degrade tells a process how to misbehave, and returns what came of it before.
func degrade(t *testing.T, p *process, query string) (counts degradeCounts) {
	t.Helper()
	w := request(p, http.MethodPost, "/degrade?"+query, "")
	if w.Code != http.StatusOK {
		t.Fatalf("POST /degrade?%s: saw %d %s; expected 200", query, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &counts); err != nil {
		t.Fatalf("POST /degrade?%s: the answer %s: %v", query, w.Body, err)
	}
	return counts
}

// TestSlow: the share of orders that was asked for takes that much longer, always
// the same ones, and the next call tells how many.
func TestSlow(t *testing.T) {
	p, _ := newTestProcess(t, "shipping")
	degrade(t, p, "slow=5ms&slow_share=0.5")
	const n = 40
	work := func() (took [n]time.Duration) {
		for i := range n {
			began := time.Now()
			if err := p.work(t.Context(), fmt.Sprintf("o-%d", i)); err != nil {
				t.Fatal(err)
			}
			took[i] = time.Since(began)
		}
		return took
	}
	slowed := 0
	for i, took := range work() {
		if draw(p.cfg.Seed, "slow", fmt.Sprintf("o-%d", i)) >= 0.5 {
			continue
		}
		slowed++
		if took < 5*time.Millisecond {
			t.Errorf("o-%d took %s; expected 5ms or more", i, took)
		}
	}
	if slowed < n/4 || slowed > n*3/4 {
		t.Errorf("%d of %d orders are to be slow; expected about half", slowed, n)
	}
	got := degrade(t, p, "")
	if got.Worked != n || got.Slowed != int64(slowed) || got.SlowedMS < 5*float64(slowed) {
		t.Errorf("saw %+v; expected %d orders, %d of them slowed down by 5 ms or more each", got, n, slowed)
	}
	work()
	if got := degrade(t, p, ""); got.Worked != n || got.Slowed != 0 || got.SlowedMS != 0 {
		t.Errorf("after the degradation saw %+v; expected %d orders and none slowed down", got, n)
	}
}

// TestSlowIsCutShort: extra time that the caller did not wait for is not counted.
func TestSlowIsCutShort(t *testing.T) {
	p, _ := newTestProcess(t, "shipping")
	degrade(t, p, "slow=1h&slow_share=1")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.slowDown(gone, "o-1"); !errors.Is(err, context.Canceled) {
		t.Errorf("saw %v; expected %v", err, context.Canceled)
	}
	if got := degrade(t, p, ""); got.Worked != 1 || got.Slowed != 0 || got.SlowedMS != 0 {
		t.Errorf("saw %+v; expected one order that was not slowed down", got)
	}
}

// TestFailCharges: the provider fails the share of charges that was asked for,
// and enters none of them into its ledger.
func TestFailCharges(t *testing.T) {
	p, _ := newTestProcess(t, "provider")
	degrade(t, p, "errors=0.3")
	const n = 200
	failed := 0
	for i := range n {
		c := charge{Order: fmt.Sprintf("o-%d", i), Amount: 5, Attempt: 1}
		w := request(p, http.MethodPost, "/charges", encoded(c), "Idempotency-Key", c.Order)
		switch w.Code {
		case http.StatusOK:
		case http.StatusInternalServerError:
			failed++
		default:
			t.Fatalf("charge %d: saw %d %s; expected 200 or 500", i, w.Code, w.Body)
		}
	}
	// Five times the scatter of a share of 0.3; the draws are the same each time.
	if off := math.Abs(float64(failed)/n - 0.3); off > 5*math.Sqrt(0.3*0.7/n) {
		t.Errorf("%d of %d charges failed; expected about 30 %%", failed, n)
	}
	if got := degrade(t, p, ""); got.Charged != n || got.Failed != int64(failed) || got.Worked != n {
		t.Errorf("saw %+v; expected %d charges, %d of them failed", got, n, failed)
	}
	if got := len(ledger(t, p)); got != n-failed {
		t.Errorf("saw %d entries in the ledger; expected %d", got, n-failed)
	}
	request(p, http.MethodPost, "/charges", encoded(charge{Order: "o-1", Attempt: 1}), "Idempotency-Key", "o-1")
	if got := degrade(t, p, ""); got.Charged != 1 || got.Failed != 0 {
		t.Errorf("after the degradation saw %+v; expected one charge and none failed", got)
	}
}

// TestDegradeRefuses: a setting that makes no sense changes nothing.
func TestDegradeRefuses(t *testing.T) {
	p, _ := newTestProcess(t, "shipping")
	degrade(t, p, "slow=1ms&slow_share=1")
	for _, c := range []struct{ why, name, value, says string }{
		{"no unit", "slow", "50", `slow: saw "50"; expected a duration such as 20ms`},
		{"below 0", "slow", "-1s", `slow: saw "-1s"`},
		{"in percent", "slow_share", "50%", `slow_share: saw "50%"; expected a share from 0 to 1`},
		{"above 1", "errors", "2", `errors: saw "2"; expected a share from 0 to 1`},
	} {
		w := request(p, http.MethodPost, "/degrade?"+url.Values{c.name: {c.value}}.Encode(), "")
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: saw %d %s; expected 400 that says %s", c.why, w.Code, w.Body, c.says)
		}
	}
	w := request(p, http.MethodPost, "/degrade?slow=x&errors=y", "")
	if text := w.Body.String(); !strings.Contains(text, "slow: ") || !strings.Contains(text, "errors: ") {
		t.Errorf("saw %q; expected both problems at once", text)
	}
	if err := p.work(t.Context(), "o-1"); err != nil {
		t.Fatal(err)
	}
	if got := degrade(t, p, ""); got.Slowed != 1 {
		t.Errorf("saw %+v; expected the degradation from before the bad requests", got)
	}
}
