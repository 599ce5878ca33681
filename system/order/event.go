package order

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Version is the contract version that this build writes and the newest that
// it understands. A newer event is parked: its meaning may have changed.
const Version = 1

// Type names an event. It is also the routing key of its message.
type Type string

// The events of the pipeline, each with the service that publishes it.
const (
	OrderCreated    Type = "order.created"    // orders
	StockReserved   Type = "stock.reserved"   // inventory
	StockRejected   Type = "stock.rejected"   // inventory
	StockReleased   Type = "stock.released"   // inventory, after a declined payment
	PaymentCaptured Type = "payment.captured" // payment
	PaymentDeclined Type = "payment.declined" // payment
	OrderShipped    Type = "order.shipped"    // shipping
	OrderDelivered  Type = "order.delivered"  // shipping
)

// types is the set of event types that exist.
var types = map[Type]bool{
	OrderCreated: true, StockReserved: true, StockRejected: true, StockReleased: true,
	PaymentCaptured: true, PaymentDeclined: true, OrderShipped: true, OrderDelivered: true,
}

// Order is what a customer asked for. Its id is made by the client and is the
// idempotency key of everything that is done for it.
type Order struct {
	ID     string `json:"id"`
	SKU    int    `json:"sku"`
	Qty    int    `json:"qty"`
	Amount int64  `json:"amount"` // in cents
}

// Validate reports what is wrong with an order, or nil.
func (o Order) Validate() error {
	switch {
	case o.ID == "" || len(o.ID) > 64:
		return fmt.Errorf("order id: saw %d characters; expected 1 to 64", len(o.ID))
	case o.SKU < 1:
		return fmt.Errorf("sku: saw %d; expected 1 or more", o.SKU)
	case o.Qty < 1:
		return fmt.Errorf("qty: saw %d; expected 1 or more", o.Qty)
	case o.Amount < 0:
		return fmt.Errorf("amount: saw %d; expected 0 or more cents", o.Amount)
	}
	return nil
}

// Event says what happened to one order: the body of a message.
type Event struct {
	// ID identifies the message. It is made of the order and the type, so that
	// a handler that runs twice publishes the same id twice.
	ID      string `json:"id"`
	Type    Type   `json:"type"`
	Version int    `json:"version"`
	// OccurredAt is CLOCK_MONOTONIC in nanoseconds on the publisher's host.
	OccurredAt int64 `json:"occurred_at"`
	Order      Order `json:"order"`
}

// NewEvent makes the event of one type for an order at a moment.
func NewEvent(t Type, o Order, at int64) Event {
	return Event{ID: o.ID + ":" + string(t), Type: t, Version: Version, OccurredAt: at, Order: o}
}

// Encode returns the event as a message body.
func (e Event) Encode() []byte {
	b, err := json.Marshal(e)
	if err != nil { // only strings and numbers: cannot happen
		panic(err)
	}
	return b
}

// Decode reads a message body. An error means that no retry can help: the
// message is undecodable, of an unknown type, or of a newer contract.
func Decode(body []byte) (Event, error) {
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		return Event{}, fmt.Errorf("decode event: %w", err)
	}
	if e.Version < 1 || e.Version > Version {
		return Event{}, fmt.Errorf("decode event: saw contract version %d; this build understands 1 to %d", e.Version, Version)
	}
	if !types[e.Type] {
		return Event{}, fmt.Errorf("decode event: saw the type %q; expected one that this build knows, such as %s", e.Type, OrderCreated)
	}
	if e.ID == "" {
		return Event{}, errors.New("decode event: saw no id; expected the order's id and the type")
	}
	if err := e.Order.Validate(); err != nil {
		return Event{}, fmt.Errorf("decode event: %w", err)
	}
	return e, nil
}
