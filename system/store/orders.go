package store

import (
	"database/sql"
	"errors"

	"squall/system/order"
)

// CreateOrder writes a new order in state CREATED. It reports false, and
// changes nothing, when the id is there already.
func (tx *Tx) CreateOrder(o order.Order, at int64) (bool, error) {
	created, err := tx.insertNew("orders (id, sku, qty, amount, state, created_at, updated_at)",
		o.ID, o.SKU, o.Qty, o.Amount, string(order.Created), at, at)
	if err != nil || !created {
		return false, err
	}
	return true, tx.logOrder(o.ID, "", order.Created, at)
}

func (tx *Tx) logOrder(id string, from, to order.State, at int64) error {
	_, err := tx.exec("INSERT INTO order_log (order_id, from_state, to_state, at) VALUES (?,?,?,?)",
		id, string(from), string(to), at)
	return err
}

// Order returns an order and its state; found is false when there is none.
func (tx *Tx) Order(id string) (o order.Order, state order.State, found bool, err error) {
	return tx.orderBy("SELECT id, sku, qty, amount, state FROM orders WHERE id = ?", id)
}

// lockOrder is Order that also keeps other transactions from changing it.
func (tx *Tx) lockOrder(id string) (o order.Order, state order.State, found bool, err error) {
	query := "SELECT id, sku, qty, amount, state FROM orders WHERE id = ?"
	if tx.d.name == "mysql" {
		query += " FOR UPDATE"
	}
	return tx.orderBy(query, id)
}

func (tx *Tx) orderBy(query, id string) (o order.Order, state order.State, found bool, err error) {
	err = tx.q.QueryRowContext(tx.ctx, query, id).Scan(&o.ID, &o.SKU, &o.Qty, &o.Amount, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return o, "", false, nil
	}
	return o, state, err == nil, err
}

// ErrNoOrder says that news came for an order that was never created.
var ErrNoOrder = errors.New("no such order")

// Advance moves an order to a state, through the states that this implies (see
// order.Path), and returns those it passed: none when the news is old.
func (tx *Tx) Advance(id string, to order.State, afterReservation bool, at int64) ([]order.State, error) {
	_, from, found, err := tx.lockOrder(id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNoOrder
	}
	path := order.Path(from, to, afterReservation)
	for _, s := range path {
		if err := tx.logOrder(id, from, s, at); err != nil {
			return nil, err
		}
		from = s
	}
	if len(path) == 0 {
		return nil, nil
	}
	_, err = tx.exec("UPDATE orders SET state = ?, updated_at = ? WHERE id = ?", string(from), at, id)
	return path, err
}

// AuditOrders yields every order, then every transition, oldest first.
func (tx *Tx) AuditOrders(yield func(Record) error) error {
	err := tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.order"}
		if err := scan(&r.Order, &r.SKU, &r.Qty, &r.To, &r.At); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT id, sku, qty, state, created_at FROM orders")
	if err != nil {
		return err
	}
	return tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.transition"}
		if err := scan(&r.Order, &r.From, &r.To, &r.At); err != nil {
			return err
		}
		return yield(r)
	}, "SELECT order_id, from_state, to_state, at FROM order_log ORDER BY seq")
}
