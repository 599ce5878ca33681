package service

import (
	"context"
	"net/http"

	"squall/system/order"
	"squall/system/store"
)

// paymentRole charges customers through the provider, with the order's id as the
// idempotency key.
func paymentRole(p *process) role {
	return role{
		routes: map[string]http.HandlerFunc{
			"POST /pay": p.orderHandler(func(ctx context.Context, o order.Order, trace string) (string, error) {
				result, err := p.charge(ctx, o, trace, 1)
				if err != nil {
					return "", err
				}
				return result, p.commitOne(ctx, func(tx *store.Tx) ([]Line, error) { return p.recordPayment(tx, o, result) })
			}),
		},
		consumes: []order.Type{order.StockReserved},
		prepare: func(ctx context.Context, e order.Event, trace string, attempt int) (effect, error) {
			result, err := p.charge(ctx, e.Order, trace, attempt)
			if err != nil {
				return nil, err
			}
			return func(tx *store.Tx) ([]Line, error) { return p.applyPayment(tx, e, trace, result) }, nil
		},
		audit: []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditPayments, (*store.Tx).AuditMessages},
	}
}

// applyPayment records the provider's answer and publishes it.
func (p *process) applyPayment(tx *store.Tx, e order.Event, trace, result string) ([]Line, error) {
	lines, err := p.recordPayment(tx, e.Order, result)
	if err != nil {
		return nil, err
	}
	typ := order.PaymentCaptured
	if result == store.PaymentDeclined {
		typ = order.PaymentDeclined
	}
	p.enqueue(tx, order.NewEvent(typ, e.Order, Now()), trace, 0)
	return lines, nil
}

// charge is one call to the provider.
type charge struct {
	Order   string `json:"order"`
	Amount  int64  `json:"amount"`
	Attempt int    `json:"attempt"`
}

// charge works on an order's payment and charges it; attempt counts from 1.
func (p *process) charge(ctx context.Context, o order.Order, trace string, attempt int) (string, error) {
	if p.cfg.bugs[paidBeforeCapture] {
		return p.chargeLater(o, trace)
	}
	if err := p.work(ctx, o.ID); err != nil {
		return "", err
	}
	result, err := p.chargeOnce(ctx, o, trace, attempt)
	for try := 1; err != nil && try < 3 && p.cfg.bugs[retryWithoutKey]; try++ {
		result, err = p.chargeOnce(ctx, o, trace, attempt+try)
	}
	return result, err
}

// chargeOnce calls the provider and returns the outcome.
func (p *process) chargeOnce(ctx context.Context, o order.Order, trace string, attempt int) (string, error) {
	var got outcome
	err := p.call(ctx, p.cfg.Provider, "/charges", trace, p.chargeKey(o), charge{o.ID, o.Amount, attempt}, &got)
	if err == nil {
		p.failpoint(afterCapture)
	}
	return got.Outcome, err
}

// recordPayment writes the outcome down, once for each order.
func (p *process) recordPayment(tx *store.Tx, o order.Order, result string) ([]Line, error) {
	made, err := tx.RecordPayment(o, result, Now())
	if err != nil || !made {
		return nil, err
	}
	return []Line{{Kind: "payment." + result, Order: o.ID}}, nil
}
