package service

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"squall/system/order"
	"squall/system/store"
)

// ordersRole is the ingress: it takes orders, answers what their state is, and
// changes it as the other services report.
func ordersRole(p *process) role {
	return role{
		routes: map[string]http.HandlerFunc{
			"POST /orders":     p.postOrder,
			"GET /orders/{id}": p.getOrder,
		},
		consumes: []order.Type{
			order.StockReserved, order.StockRejected, order.StockReleased,
			order.PaymentCaptured, order.OrderShipped, order.OrderDelivered,
		},
		prepare: func(_ context.Context, e order.Event, _ string, _ int) (effect, error) {
			return func(tx *store.Tx) ([]Line, error) {
				to, after := consequence(e.Type)
				passed, err := tx.Advance(e.Order.ID, to, after, Now())
				return orderLines(e.Order.ID, passed), err
			}, nil
		},
		lock:          (*store.Tx).LockOrders,
		audit:         []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditOrders, (*store.Tx).AuditMessages},
		reportsParked: true,
	}
}

// consequence is the state that an event means for its order.
func consequence(t order.Type) (to order.State, afterReservation bool) {
	switch t {
	case order.StockReserved:
		return order.Reserved, false
	case order.StockRejected:
		return order.Cancelled, false
	case order.StockReleased:
		return order.Cancelled, true
	case order.PaymentCaptured:
		return order.Paid, false
	case order.OrderShipped:
		return order.Shipped, false
	default:
		return order.Delivered, false
	}
}

// orderLines returns one event for each state that an order went through.
func orderLines(id string, passed []order.State) []Line {
	lines := make([]Line, len(passed))
	for i, s := range passed {
		lines[i] = Line{Kind: "order." + strings.ToLower(string(s)), Order: id}
	}
	return lines
}

// view is what a customer sees of an order.
type view struct {
	ID    string      `json:"id"`
	State order.State `json:"state"`
}

func (p *process) postOrder(w http.ResponseWriter, req *http.Request) {
	var o order.Order
	if !read(w, req, &o) {
		return
	}
	if err := o.Validate(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, trace := req.Context(), traceOf(req)
	var created bool
	var used *store.Tx
	state := order.Created
	err := p.db.Update(ctx, func(tx *store.Tx) (err error) {
		now := Now()
		used = tx
		if created, err = tx.CreateOrder(o, now); err != nil {
			return err
		}
		if !created {
			_, state, _, err = tx.Order(o.ID)
			return err
		}
		if p.broker == nil {
			return nil
		}
		p.enqueue(tx, order.NewEvent(order.OrderCreated, o, now), trace, 0)
		return nil
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	if !created { // the same order again: the answer is its state
		answer(w, http.StatusOK, view{o.ID, state})
		return
	}
	p.journal.emit(Line{Kind: "order.created", Order: o.ID, SKU: o.SKU, Qty: int64(o.Qty)})
	if p.broker != nil {
		p.publishUnsent(used)
		p.wakeRelay()
		answer(w, http.StatusAccepted, view{o.ID, state})
		return
	}
	state, err = p.fulfil(ctx, o, trace)
	var failed *callError
	switch {
	case errors.As(err, &failed):
		http.Error(w, err.Error(), failed.status)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		answer(w, http.StatusCreated, view{o.ID, state})
	}
}

// fulfil calls the services one after another, inside the customer's request.
// When one fails, what the others did is not undone.
func (p *process) fulfil(ctx context.Context, o order.Order, trace string) (order.State, error) {
	var got outcome
	if err := p.call(ctx, p.cfg.Inventory, "/reserve", trace, o.ID, o, &got); err != nil {
		return "", err
	}
	p.failpoint(afterAnswer)
	if got.Outcome != store.ReservationHeld {
		return order.Cancelled, p.moveOrder(ctx, o.ID, order.Cancelled)
	}
	if err := p.moveOrder(ctx, o.ID, order.Reserved); err != nil {
		return "", err
	}
	if err := p.call(ctx, p.cfg.Payment, "/pay", trace, o.ID, o, &got); err != nil {
		return "", err
	}
	p.failpoint(afterAnswer)
	if got.Outcome != store.PaymentCaptured {
		if err := p.call(ctx, p.cfg.Inventory, "/release", trace, o.ID, o, &got); err != nil {
			return "", err
		}
		return order.Cancelled, p.moveOrder(ctx, o.ID, order.Cancelled)
	}
	if err := p.moveOrder(ctx, o.ID, order.Paid); err != nil {
		return "", err
	}
	if err := p.call(ctx, p.cfg.Shipping, "/ship", trace, o.ID, o, &got); err != nil {
		return "", err
	}
	p.failpoint(afterAnswer)
	return order.Delivered, p.moveOrder(ctx, o.ID, order.Delivered)
}

// moveOrder brings an order to a state and writes the events.
func (p *process) moveOrder(ctx context.Context, id string, to order.State) error {
	var passed []order.State
	err := p.db.Update(ctx, func(tx *store.Tx) (err error) {
		passed, err = tx.Advance(id, to, false, Now())
		return err
	})
	if err == nil {
		p.journal.emit(orderLines(id, passed)...)
	}
	return err
}

func (p *process) getOrder(w http.ResponseWriter, req *http.Request) {
	var v view
	var found bool
	err := p.db.View(req.Context(), func(tx *store.Tx) (err error) {
		var o order.Order
		o, v.State, found, err = tx.Order(req.PathValue("id"))
		v.ID = o.ID
		return err
	})
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case !found:
		http.Error(w, "no such order", http.StatusNotFound)
	default:
		answer(w, http.StatusOK, v)
	}
}
