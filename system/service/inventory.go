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

// inventoryRole keeps the stock: it reserves stock for new orders, and releases
// it when the payment is declined.
func inventoryRole(p *process) role {
	return role{
		start: p.seedStock,
		routes: map[string]http.HandlerFunc{
			"POST /reserve": p.orderHandler(func(ctx context.Context, o order.Order, _ string) (string, error) {
				seen, err := p.readStock(ctx, o)
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
			"POST /release": p.orderHandler(func(ctx context.Context, o order.Order, _ string) (string, error) {
				err := p.commit(ctx, func(tx *store.Tx) ([]Line, error) { return p.release(tx, o) })
				return store.ReservationReleased, err
			}),
		},
		consumes: []order.Type{order.OrderCreated, order.PaymentDeclined},
		prepare:  p.prepareInventory,
		audit:    []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditInventory, (*store.Tx).AuditMessages},
	}
}

func (p *process) seedStock(ctx context.Context) error {
	return p.db.Update(ctx, func(tx *store.Tx) error { return tx.SeedStock(p.cfg.SKUs, p.cfg.Stock) })
}

func (p *process) prepareInventory(ctx context.Context, e order.Event, trace string, _ int) (effect, error) {
	if e.Type == order.PaymentDeclined {
		return func(tx *store.Tx) ([]Line, error) { return p.applyRelease(tx, e, trace) }, nil
	}
	seen, err := p.readStock(ctx, e.Order)
	if err != nil {
		return nil, err
	}
	if err := p.work(ctx, e.Order.ID); err != nil {
		return nil, err
	}
	return func(tx *store.Tx) ([]Line, error) { return p.applyReserve(tx, e, trace, seen) }, nil
}

// applyRelease gives an order's stock back and publishes that.
func (p *process) applyRelease(tx *store.Tx, e order.Event, trace string) ([]Line, error) {
	lines, err := p.release(tx, e.Order)
	if err != nil {
		return nil, err
	}
	p.enqueue(tx, order.NewEvent(order.StockReleased, e.Order, Now()), trace, 0)
	return lines, nil
}

// applyReserve takes an order's stock and publishes whether there was enough.
func (p *process) applyReserve(tx *store.Tx, e order.Event, trace string, seen *int64) ([]Line, error) {
	state, lines, err := p.reserve(tx, e.Order, seen)
	if err != nil {
		return nil, err
	}
	typ := order.StockReserved
	if state == store.ReservationRejected {
		typ = order.StockRejected
	}
	p.enqueue(tx, order.NewEvent(typ, e.Order, Now()), trace, 0)
	return lines, nil
}

// reserve takes an order's stock, once; seen is what readStock returned.
func (p *process) reserve(tx *store.Tx, o order.Order, seen *int64) (string, []Line, error) {
	state, made, err := p.takeStock(tx, o, seen)
	if err != nil || !made {
		return state, nil, err
	}
	kind := "stock.reserved"
	if state == store.ReservationRejected {
		kind = "stock.rejected"
	}
	return state, []Line{{Kind: kind, Order: o.ID, SKU: o.SKU, Qty: int64(o.Qty)}}, nil
}

// release gives an order's stock back, once.
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

// orderHandler makes an HTTP handler of a service's work on one order. As many
// run at once as the process has workers.
func (p *process) orderHandler(do func(ctx context.Context, o order.Order, trace string) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var o order.Order
		if !read(w, req, &o) {
			return
		}
		if err := p.slots.acquire(req.Context()); err != nil {
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

// commit runs f in a transaction and writes its events after the commit.
func (p *process) commit(ctx context.Context, f effect) error {
	return p.changed(ctx, p.db.Update, f)
}

// commitOne is commit for an effect of one statement.
func (p *process) commitOne(ctx context.Context, f effect) error {
	return p.changed(ctx, p.db.Single, f)
}

// changed runs f by means of change, and writes its events if that succeeded.
func (p *process) changed(
	ctx context.Context, change func(context.Context, func(*store.Tx) error) error, f effect,
) error {
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
