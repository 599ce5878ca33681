package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"squall/system/order"
)

// The states of a reservation.
const (
	ReservationHeld     = "held"
	ReservationRejected = "rejected"
	ReservationReleased = "released"
)

// SeedStock gives each of the SKUs 1..skus its first stock, once.
func (tx *Tx) SeedStock(skus int, each int64) error {
	n, err := tx.count("SELECT COUNT(*) FROM stock")
	if err != nil || n >= int64(skus) {
		return err
	}
	const chunk = 200
	for first := 1; first <= skus; first += chunk {
		last := min(first+chunk-1, skus)
		args := make([]any, 0, 3*chunk)
		for sku := first; sku <= last; sku++ {
			args = append(args, sku, each, each)
		}
		rows := strings.TrimSuffix(strings.Repeat("(?,?,?),", last-first+1), ",")
		if _, err := tx.exec(tx.d.insertIgnore+" INTO stock (sku, initial, on_hand) VALUES "+rows, args...); err != nil {
			return fmt.Errorf("seed stock: %w", err)
		}
	}
	return nil
}

// Reserve takes an order's stock, once: a second call for the order changes
// nothing. It returns the reservation's state, and whether this call made it.
func (tx *Tx) Reserve(o order.Order, at int64) (state string, made bool, err error) {
	made, err = tx.insertNew("reservations (order_id, sku, qty, state, at)", o.ID, o.SKU, o.Qty, ReservationHeld, at)
	if err != nil {
		return "", false, err
	}
	if !made {
		state, err = tx.Reservation(o.ID)
		return state, false, err
	}
	state, err = tx.TakeStock(o, at)
	return state, true, err
}

// TakeStock subtracts an order's quantity from the stock, or rejects its
// reservation when there is not enough. Reserve calls it once for each order.
func (tx *Tx) TakeStock(o order.Order, at int64) (state string, err error) {
	n, err := tx.exec("UPDATE stock SET on_hand = on_hand - ? WHERE sku = ? AND on_hand >= ?", o.Qty, o.SKU, o.Qty)
	if err != nil {
		return "", err
	}
	if n == 0 {
		_, err = tx.exec("UPDATE reservations SET state = ? WHERE order_id = ?", ReservationRejected, o.ID)
		return ReservationRejected, err
	}
	tx.logStock(o.SKU, o.ID, -int64(o.Qty), at)
	return ReservationHeld, nil
}

// OnHand returns a SKU's stock. With WriteStock it makes the lost update that is
// one of the seeded bugs.
func (tx *Tx) OnHand(sku int) (int64, error) {
	return tx.count("SELECT on_hand FROM stock WHERE sku = ?", sku)
}

// WriteStock sets a SKU's stock; see OnHand.
func (tx *Tx) WriteStock(sku int, onHand int64) error {
	_, err := tx.exec("UPDATE stock SET on_hand = ? WHERE sku = ?", onHand, sku)
	return err
}

// Reservation returns the state of an order's reservation, "" for none.
func (tx *Tx) Reservation(id string) (state string, err error) {
	err = tx.q.QueryRowContext(tx.ctx, "SELECT state FROM reservations WHERE order_id = ?", id).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return state, err
}

// Release gives an order's stock back, once. It reports whether this call did.
func (tx *Tx) Release(o order.Order, at int64) (bool, error) {
	n, err := tx.exec("UPDATE reservations SET state = ? WHERE order_id = ? AND state = ?", ReservationReleased, o.ID, ReservationHeld)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.exec("UPDATE stock SET on_hand = on_hand + ? WHERE sku = ?", o.Qty, o.SKU); err != nil {
		return false, err
	}
	tx.logStock(o.SKU, o.ID, int64(o.Qty), at)
	return true, nil
}

// logStock appends to the stock log before the commit, while the stock row is
// still locked. So the log's rows of one SKU are in the order of the changes.
func (tx *Tx) logStock(sku int, id string, changeBy, at int64) {
	tx.insertLater("INSERT", "stock_log (sku, order_id, change_by, at)", sku, id, changeBy, at)
}

// AuditInventory yields the stock of each SKU, each reservation, and every
// change of stock in the order in which it took effect.
func (tx *Tx) AuditInventory(yield func(Record) error) error {
	err := tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.stock"}
		if err := scan(&r.SKU, &r.Initial, &r.Qty); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT sku, initial, on_hand FROM stock")
	if err != nil {
		return err
	}
	err = tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.reservation"}
		if err := scan(&r.Order, &r.SKU, &r.Qty, &r.To, &r.At); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT order_id, sku, qty, state, at FROM reservations")
	if err != nil {
		return err
	}
	return tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.stock-change"}
		if err := scan(&r.Order, &r.SKU, &r.Qty, &r.At); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT order_id, sku, change_by, at FROM stock_log ORDER BY seq")
}
