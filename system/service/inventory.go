package service

import (
	"context"
	"net/http"

	"squall/system/order"
	"squall/system/store"
)

// outcome is the answer of one service to another.
type outcome struct {
	Outcome string `json:"outcome"`
}

// inventoryRole keeps the stock: it reserves for new orders and releases what
// a declined payment leaves behind.
func inventoryRole(p *process) role {
	return role{
		routes: map[string]http.HandlerFunc{
			"POST /reserve": p.served(func(ctx context.Context, o order.Order, _ string) (string, error) {
				seen, err := p.lookAtStock(ctx, o)
				if err != nil {
					return "", err
				}
				if err := p.work(ctx, o.ID); err != nil {
					return "", err
				}
				var state string
				err = p.commit(ctx, func(tx *store.Tx) (lines []Line, err error) {
					state, lines, err = p.reserve(tx, o, seen)
					return lines, err
				})
				return state, err
			}),
			"POST /release": p.served(func(ctx context.Context, o order.Order, _ string) (string, error) {
				err := p.commit(ctx, func(tx *store.Tx) ([]Line, error) { return p.release(tx, o) })
				return store.ReservationReleased, err
			}),
		},
		consumes: []order.Type{order.OrderCreated, order.PaymentDeclined},
		prepare: func(ctx context.Context, e order.Event, _ string, _ int) (any, error) {
			if e.Type == order.PaymentDeclined {
				return nil, nil
			}
			seen, err := p.lookAtStock(ctx, e.Order)
			if err != nil {
				return nil, err
			}
			return seen, p.work(ctx, e.Order.ID)
		},
		apply: p.applyInventory,
		audit: []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditInventory, (*store.Tx).AuditMessages},
	}
}

func (p *process) applyInventory(tx *store.Tx, e order.Event, trace string, seen any) ([]Line, error) {
	if e.Type == order.PaymentDeclined {
		lines, err := p.release(tx, e.Order)
		if err != nil {
			return nil, err
		}
		p.enqueue(tx, order.NewEvent(order.StockReleased, e.Order, Now()), trace, 0)
		return lines, nil
	}
	state, lines, err := p.reserve(tx, e.Order, seen)
	if err != nil {
		return nil, err
	}
	news := order.StockReserved
	if state == store.ReservationRejected {
		news = order.StockRejected
	}
	p.enqueue(tx, order.NewEvent(news, e.Order, Now()), trace, 0)
	return lines, nil
}

func (p *process) reserve(tx *store.Tx, o order.Order, seen any) (string, []Line, error) {
	state, made, err := p.take(tx, o, seen)
	if err != nil || !made {
		return state, nil, err
	}
	kind := "stock.reserved"
	if state == store.ReservationRejected {
		kind = "stock.rejected"
	}
	return state, []Line{{Kind: kind, Order: o.ID, SKU: o.SKU, Qty: int64(o.Qty)}}, nil
}

func (p *process) release(tx *store.Tx, o order.Order) ([]Line, error) {
	if p.cfg.bugs[noRelease] {
		return nil, nil
	}
	released, err := tx.Release(o, Now())
	if err != nil || !released {
		return nil, err
	}
	return []Line{{Kind: "stock.released", Order: o.ID, SKU: o.SKU, Qty: int64(o.Qty)}}, nil
}

// served makes an HTTP handler of a service's work on one order, done within
// the process's capacity.
func (p *process) served(do func(ctx context.Context, o order.Order, trace string) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var o order.Order
		if !read(w, req, &o) {
			return
		}
		if err := p.slots.hold(req.Context()); err != nil {
			return // the caller has gone
		}
		defer p.slots.release()
		result, err := do(req.Context(), o, traceOf(req))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		answer(w, http.StatusOK, outcome{result})
	}
}

// commit runs f in a transaction and tells the harness afterwards.
func (p *process) commit(ctx context.Context, f func(tx *store.Tx) ([]Line, error)) error {
	return p.told(ctx, p.db.Update, f)
}

// commitOne is commit for an effect of one statement.
func (p *process) commitOne(ctx context.Context, f func(tx *store.Tx) ([]Line, error)) error {
	return p.told(ctx, p.db.Single, f)
}

func (p *process) told(ctx context.Context, change func(context.Context, func(*store.Tx) error) error, f func(tx *store.Tx) ([]Line, error)) error {
	var lines []Line
	err := change(ctx, func(tx *store.Tx) (err error) {
		lines, err = f(tx)
		return err
	})
	if err == nil {
		p.journal.emit(lines...)
	}
	return err
}
