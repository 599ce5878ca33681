package service

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// degradation is how the process was told, while it runs, to misbehave, and
// what came of it since.
type degradation struct {
	mu        sync.Mutex
	slow      time.Duration // added to the work on an order
	slowShare float64       // of the orders
	errors    float64       // share of charges that the provider fails
	counts    degradeCounts
}

// degradeCounts is what the process did since it was last told how to
// misbehave: the answer of POST /degrade.
type degradeCounts struct {
	Worked   int64   `json:"worked"`    // orders worked on
	Slowed   int64   `json:"slowed"`    // of these, with extra time
	SlowedMS float64 `json:"slowed_ms"` // the extra time, in all
	Charged  int64   `json:"charged"`   // attempts to charge that reached the provider
	Failed   int64   `json:"failed"`    // of these, failed because of the degradation
}

// postDegrade sets how the process misbehaves from now on, and answers with
// what came of it until now: ?slow=50ms&slow_share=0.5&errors=0.1. What is
// absent is 0.
func (p *process) postDegrade(w http.ResponseWriter, req *http.Request) {
	r := settingsReader{get: req.URL.Query().Get}
	slow, slowShare, failures := r.duration("slow", 0), r.share("slow_share"), r.share("errors")
	if err := errors.Join(r.errs...); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d := &p.degraded
	d.mu.Lock()
	counts := d.counts
	d.slow, d.slowShare, d.errors, d.counts = slow, slowShare, failures, degradeCounts{}
	d.mu.Unlock()
	answer(w, http.StatusOK, counts)
}

// slowDown takes the extra time that the process was told to take for an order.
func (p *process) slowDown(ctx context.Context, orderID string) error {
	d := &p.degraded
	d.mu.Lock()
	d.counts.Worked++
	by, slow := d.slow, d.slow > 0 && draw(p.cfg.Seed, "slow", orderID) < d.slowShare
	d.mu.Unlock()
	if !slow {
		return nil
	}
	began := time.Now()
	err := sleep(ctx, by)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.counts.Slowed++
		d.counts.SlowedMS += time.Since(began).Seconds() * 1e3
	}
	return err
}

// failCharge reports whether the provider was told to fail this attempt.
func (p *process) failCharge(c charge) bool {
	d := &p.degraded
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.Charged++
	if draw(p.cfg.Seed, "told error "+strconv.Itoa(c.Attempt), c.Order) >= d.errors {
		return false
	}
	d.counts.Failed++
	return true
}
