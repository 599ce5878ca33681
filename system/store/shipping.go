package store

// The states of a shipment.
const (
	ShipmentSent      = "sent"
	ShipmentDelivered = "delivered"
)

// Ship notes that an order was sent, once: with the state ShipmentSent if Deliver
// is to follow, else with ShipmentDelivered. It reports whether this call did.
func (tx *Tx) Ship(orderID, state string, at int64) (bool, error) {
	return tx.insertNew("shipments (order_id, state, at)", orderID, state, at)
}

// Deliver notes that a shipment arrived, once. It reports whether this call did.
func (tx *Tx) Deliver(orderID string) (bool, error) {
	n, err := tx.exec("UPDATE shipments SET state = ? WHERE order_id = ? AND state = ?", ShipmentDelivered, orderID, ShipmentSent)
	return n > 0, err
}

// AuditShipments yields every shipment.
func (tx *Tx) AuditShipments(yield func(Record) error) error {
	return tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.shipment"}
		if err := scan(&r.Order, &r.To, &r.At); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT order_id, state, at FROM shipments")
}
