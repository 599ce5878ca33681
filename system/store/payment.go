package store

import "squall/system/order"

// What became of a payment, at the payment service and at the provider.
const (
	PaymentCaptured = "captured"
	PaymentDeclined = "declined"
)

// RecordPayment notes the provider's answer, once for each order. It reports
// whether this call did.
func (tx *Tx) RecordPayment(o order.Order, state string, at int64) (bool, error) {
	return tx.insertNew("payments (order_id, state, amount, at)", o.ID, state, o.Amount, at)
}

// AuditPayments yields every payment as the payment service knows it.
func (tx *Tx) AuditPayments(yield func(Record) error) error {
	return tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.payment"}
		if err := scan(&r.Order, &r.To, &r.Amount, &r.At); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT order_id, state, amount, at FROM payments")
}
