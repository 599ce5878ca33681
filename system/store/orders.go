package store

import (
	"database/sql"
	"errors"

	"squall/system/order"
)

// CreateOrder writes a new order in state CREATED. It reports false, and
// changes nothing, when there is an order of this id.
func (tx *Tx) CreateOrder(o order.Order, at int64) (bool, error) {
	created, err := tx.insertNew("orders (id, sku, qty, amount, state, created_at, updated_at)",
		o.ID, o.SKU, o.Qty, o.Amount, string(order.Created), at, at)
	if err != nil || !created {
		return false, err
	}
	tx.logOrder(o.ID, "", order.Created, at)
	return true, nil
}

// logOrder appends to the order's log before the commit, while the order is
// still locked. So the log's rows of one order are in the order of the changes.
func (tx *Tx) logOrder(id string, from, to order.State, at int64) {
	tx.insertLater("INSERT", "order_log (order_id, from_state, to_state, at)", id, string(from), string(to), at)
}

// Order returns an order and its state; found is false when there is none.
func (tx *Tx) Order(id string) (o order.Order, state order.State, found bool, err error) {
	return tx.orderBy("SELECT id, sku, qty, amount, state FROM orders WHERE id = ?", id)
}

// lockedOrder is an order that only this transaction can change until it ends.
type lockedOrder struct{ state order.State }

// LockOrders locks the orders of a batch with one statement, sorted by id as all
// transactions do, so that no two wait for each other. Advance locks an order
// that is not locked yet.
func (tx *Tx) LockOrders(ids []string) error {
	if tx.orders == nil {
		tx.orders = map[string]*lockedOrder{}
	}
	var args []any
	for _, id := range ids {
		if tx.orders[id] == nil {
			args = append(args, id)
		}
	}
	if len(args) == 0 {
		return nil
	}
	query := "SELECT id, state FROM orders WHERE id IN " + placeholders(len(args)) + " ORDER BY id"
	if tx.d.name == "mysql" {
		query += " FOR UPDATE"
	}
	return tx.each(func(scan func(...any) error) error {
		var id string
		var o lockedOrder
		if err := scan(&id, &o.state); err != nil {
			return err
		}
		tx.orders[id] = &o
		return nil
	}, query, args...)
}

// orderBy returns the order that a query finds.
func (tx *Tx) orderBy(query, id string) (o order.Order, state order.State, found bool, err error) {
	err = tx.q.QueryRowContext(tx.ctx, query, id).Scan(&o.ID, &o.SKU, &o.Qty, &o.Amount, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return o, "", false, nil
	}
	return o, state, err == nil, err
}

// ErrNoOrder says that an event came for an order that was never created.
var ErrNoOrder = errors.New("no such order")

// Advance moves an order to a state, through the states before it (see
// order.Path), and returns those that it went through: none when the order is
// already there or beyond.
func (tx *Tx) Advance(id string, to order.State, afterReservation bool, at int64) ([]order.State, error) {
	if err := tx.LockOrders([]string{id}); err != nil {
		return nil, err
	}
	o := tx.orders[id]
	if o == nil {
		return nil, ErrNoOrder
	}
	path := order.Path(o.state, to, afterReservation)
	for _, s := range path {
		tx.logOrder(id, o.state, s, at)
		o.state = s
	}
	if len(path) > 0 {
		tx.execLater("UPDATE orders SET state = ?, updated_at = ? WHERE id = ?", string(o.state), at, id)
	}
	return path, nil
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
