package service

import (
	"context"
	"net/http"

	"squall/system/order"
	"squall/system/store"
)

// shippingRole sends paid orders, and delivers them after the transit time.
func shippingRole(p *process) role {
	return role{
		routes: map[string]http.HandlerFunc{
			"POST /ship": p.orderHandler(p.shipAndDeliver),
		},
		consumes: []order.Type{order.PaymentCaptured},
		prepare: func(ctx context.Context, e order.Event, trace string, _ int) (effect, error) {
			if err := p.work(ctx, e.Order.ID); err != nil {
				return nil, err
			}
			return func(tx *store.Tx) ([]Line, error) { return p.applyShipping(tx, e, trace) }, nil
		},
		audit: []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditShipments, (*store.Tx).AuditMessages},
	}
}

// shipAndDeliver sends an order and delivers it, inside the caller's request.
func (p *process) shipAndDeliver(ctx context.Context, o order.Order, _ string) (string, error) {
	if err := p.work(ctx, o.ID); err != nil {
		return "", err
	}
	if p.cfg.Transit == 0 {
		err := p.commitOne(ctx, func(tx *store.Tx) ([]Line, error) { return p.ship(tx, o, store.ShipmentDelivered) })
		return store.ShipmentDelivered, err
	}
	err := p.commitOne(ctx, func(tx *store.Tx) ([]Line, error) { return p.ship(tx, o, store.ShipmentSent) })
	if err != nil {
		return "", err
	}
	if err := sleep(ctx, p.cfg.Transit); err != nil {
		return "", err
	}
	err = p.commitOne(ctx, func(tx *store.Tx) ([]Line, error) { return p.deliver(tx, o) })
	return store.ShipmentDelivered, err
}

// applyShipping records an order as delivered at once, and publishes that it was
// shipped, and, when the transit time is over, that it was delivered.
func (p *process) applyShipping(tx *store.Tx, e order.Event, trace string) ([]Line, error) {
	lines, err := p.ship(tx, e.Order, store.ShipmentDelivered)
	if err != nil {
		return nil, err
	}
	now := Now()
	due := now + int64(p.cfg.Transit)
	p.enqueue(tx, order.NewEvent(order.OrderShipped, e.Order, now), trace, 0)
	p.enqueue(tx, order.NewEvent(order.OrderDelivered, e.Order, due), trace, due)
	return lines, nil
}

// ship records an order as sent, or as delivered too, once.
func (p *process) ship(tx *store.Tx, o order.Order, state string) ([]Line, error) {
	made, err := tx.Ship(o.ID, state, Now())
	if err != nil || !made {
		return nil, err
	}
	lines := []Line{{Kind: "shipment.sent", Order: o.ID}}
	if state == store.ShipmentDelivered {
		lines = append(lines, Line{Kind: "shipment.delivered", Order: o.ID})
	}
	return lines, nil
}

// deliver records a sent order as delivered, once.
func (p *process) deliver(tx *store.Tx, o order.Order) ([]Line, error) {
	arrived, err := tx.Deliver(o.ID)
	if err != nil || !arrived {
		return nil, err
	}
	return []Line{{Kind: "shipment.delivered", Order: o.ID}}, nil
}
