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
				err := p.commit(ctx, func(tx *store.Tx) ([]Line, error) { return p.ship(tx, o) })
				if err != nil {
					return "", err
				}
				if err := sleep(ctx, p.cfg.Transit); err != nil {
					return "", err
				}
				err = p.commit(ctx, func(tx *store.Tx) ([]Line, error) { return p.deliver(tx, o) })
				return store.ShipmentDelivered, err
			}),
		},
		consumes: []order.Type{order.PaymentCaptured},
		prepare: func(ctx context.Context, e order.Event, _ string, _ int) (any, error) {
			return nil, p.work(ctx, e.Order.ID)
		},
		apply: func(tx *store.Tx, e order.Event, trace string, _ any) ([]Line, error) {
			sent, err := p.ship(tx, e.Order)
			if err != nil {
				return nil, err
			}
			now := Now()
			if err := p.enqueue(tx, order.NewEvent(order.OrderShipped, e.Order, now), trace, 0); err != nil {
				return nil, err
			}
			// The parcel is on its way: that it arrives is certain, only not yet.
			arrived, err := p.deliver(tx, e.Order)
			if err != nil {
				return nil, err
			}
			due := now + int64(p.cfg.Transit)
			return append(sent, arrived...), p.enqueue(tx, order.NewEvent(order.OrderDelivered, e.Order, due), trace, due)
		},
		audit: []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditShipments, (*store.Tx).AuditMessages},
	}
}

func (p *process) ship(tx *store.Tx, o order.Order) ([]Line, error) {
	made, err := tx.Ship(o.ID, Now())
	if err != nil || !made {
		return nil, err
	}
	return []Line{{Kind: "shipment.sent", Order: o.ID}}, nil
}

func (p *process) deliver(tx *store.Tx, o order.Order) ([]Line, error) {
	arrived, err := tx.Deliver(o.ID)
	if err != nil || !arrived {
		return nil, err
	}
	return []Line{{Kind: "shipment.delivered", Order: o.ID}}, nil
}
