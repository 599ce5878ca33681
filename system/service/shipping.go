package service

import (
	"context"
	"net/http"

	"squall/system/order"
	"squall/system/store"
)

// shippingRole sends what was paid, and delivers it after the transit time.
func shippingRole(p *process) role {
	return role{
		routes: map[string]http.HandlerFunc{
			"POST /ship": p.served(func(ctx context.Context, o order.Order, _ string) (string, error) {
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
			}),
		},
		consumes: []order.Type{order.PaymentCaptured},
		prepare: func(ctx context.Context, e order.Event, _ string, _ int) (any, error) {
			return nil, p.work(ctx, e.Order.ID)
		},
		apply: func(tx *store.Tx, e order.Event, trace string, _ any) ([]Line, error) {
			// The parcel is on its way: that it arrives is certain, only not yet.
			lines, err := p.ship(tx, e.Order, store.ShipmentDelivered)
			if err != nil {
				return nil, err
			}
			now := Now()
			due := now + int64(p.cfg.Transit)
			p.enqueue(tx, order.NewEvent(order.OrderShipped, e.Order, now), trace, 0)
			p.enqueue(tx, order.NewEvent(order.OrderDelivered, e.Order, due), trace, due)
			return lines, nil
		},
		audit: []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditShipments, (*store.Tx).AuditMessages},
	}
}

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

func (p *process) deliver(tx *store.Tx, o order.Order) ([]Line, error) {
	arrived, err := tx.Deliver(o.ID)
	if err != nil || !arrived {
		return nil, err
	}
	return []Line{{Kind: "shipment.delivered", Order: o.ID}}, nil
}
