package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// Charge enters an attempt to charge into the provider's ledger, under its
// idempotency key, and returns the outcome: that of the first attempt when the
// ledger has an entry of this key.
func (tx *Tx) Charge(key, orderID string, amount int64, outcome string, at int64) (string, error) {
	made, err := tx.insertNew("ledger (idempotency_key, order_id, amount, outcome, at)", key, orderID, amount, outcome, at)
	if err != nil || made {
		return outcome, err
	}
	err = tx.q.QueryRowContext(tx.ctx, "SELECT outcome FROM ledger WHERE idempotency_key = ?", key).Scan(&outcome)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("charge %s: the ledger refused the key %q as a duplicate and has no entry of it", orderID, key)
	}
	return outcome, err
}

// AuditLedger yields the provider's ledger, oldest entry first.
func (tx *Tx) AuditLedger(yield func(Record) error) error {
	return tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.ledger"}
		if err := scan(&r.Key, &r.Order, &r.Amount, &r.To, &r.At); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT idempotency_key, order_id, amount, outcome, at FROM ledger ORDER BY seq")
}
