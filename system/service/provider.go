package service

import (
	"fmt"
	"net/http"

	"squall/system/store"
)

// providerRole is the payment company that the pipeline calls: a ledger with
// idempotency keys. It declines and fails the shares of charges that it is told
// to; which orders it declines depends on the seed alone.
func providerRole(p *process) role {
	return role{
		routes: map[string]http.HandlerFunc{"POST /charges": p.postCharge},
		audit:  []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditLedger},
	}
}

// postCharge charges an order, once for each idempotency key.
func (p *process) postCharge(w http.ResponseWriter, req *http.Request) {
	var c charge
	if !read(w, req, &c) {
		return
	}
	key := req.Header.Get("Idempotency-Key")
	if c.Order == "" || key == "" {
		http.Error(w, fmt.Sprintf("charge: saw the order %q and the Idempotency-Key %q; expected both", c.Order, key), http.StatusBadRequest)
		return
	}
	ctx := req.Context()
	if p.slots.acquire(ctx) != nil {
		return // the caller has gone
	}
	defer p.slots.release()
	if p.work(ctx, c.Order) != nil {
		return
	}
	if draw(p.cfg.Seed, fmt.Sprintf("error %d", c.Attempt), c.Order) < p.cfg.Errors || p.failCharge(c) {
		http.Error(w, "the provider has a problem; nothing was charged", http.StatusInternalServerError)
		return
	}
	result := store.PaymentCaptured
	if draw(p.cfg.Seed, "decline", c.Order) < p.cfg.Declines {
		result = store.PaymentDeclined
	}
	err := p.db.Single(ctx, func(tx *store.Tx) (err error) {
		result, err = tx.Charge(key, c.Order, c.Amount, result, Now())
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	answer(w, http.StatusOK, outcome{result})
}
