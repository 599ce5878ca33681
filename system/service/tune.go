package service

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// tune is how the process was told, while it runs, to misbehave, and what came
// of it.
type tune struct {
	mu        sync.Mutex
	slow      time.Duration // added to the work on an order
	slowShare float64       // of the orders
	errors    float64       // share of charges that the provider fails
	tuned     tuned
}

// tuned counts since the process was last told: the answer of POST /tune.
type tuned struct {
	Worked   int64   `json:"worked"`
	Slowed   int64   `json:"slowed"`
	SlowedMS float64 `json:"slowed_ms"`
	Charged  int64   `json:"charged"`
	Failed   int64   `json:"failed"`
}

// postTune sets how the process misbehaves from now on, and answers with what
// came of it until now: ?slow=50ms&slow_share=0.5&errors=0.1. What is absent is
// 0.
func (p *process) postTune(w http.ResponseWriter, req *http.Request) {
	r := envReader{getenv: req.URL.Query().Get}
	slow, slowShare, failures := r.duration("slow", 0), r.share("slow_share"), r.share("errors")
	if len(r.errs) > 0 {
		http.Error(w, fmt.Sprint(r.errs), http.StatusBadRequest)
		return
	}
	t := &p.tune
	t.mu.Lock()
	done := t.tuned
	t.slow, t.slowShare, t.errors, t.tuned = slow, slowShare, failures, tuned{}
	t.mu.Unlock()
	answer(w, http.StatusOK, done)
}

// slowDown takes the extra time that the process was told to take.
func (p *process) slowDown(ctx context.Context, orderID string) error {
	t := &p.tune
	t.mu.Lock()
	t.tuned.Worked++
	by, slow := t.slow, t.slow > 0 && draw(p.cfg.Seed, "slow", orderID) < t.slowShare
	t.mu.Unlock()
	if !slow {
		return nil
	}
	began := time.Now()
	err := sleep(ctx, by)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.tuned.Slowed++
		t.tuned.SlowedMS += time.Since(began).Seconds() * 1e3
	}
	return err
}

// failCharge reports whether the provider was told to fail this attempt.
func (p *process) failCharge(c charge) bool {
	t := &p.tune
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tuned.Charged++
	if draw(p.cfg.Seed, "told error "+strconv.Itoa(c.Attempt), c.Order) >= t.errors {
		return false
	}
	t.tuned.Failed++
	return true
}
