package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"squall/system/order"
	"squall/system/store"
)

// onceEach makes every change twice that must happen once, each time in a
// transaction of its own, as a handler does that runs again after a crash.
func onceEach(t *testing.T, s *suite) {
	inventory, payment, shipping := s.open(t, "inventory"), s.open(t, "payment"), s.open(t, "shipping")
	// The provider is another company: in every run it has a SQLite file of its own.
	provider, err := store.Open(t.Context(), store.Config{Kind: "sqlite", Dir: t.TempDir(), Schema: "provider"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Close() }) // the test has read what it needs
	update(t, inventory, func(tx *store.Tx) error { return tx.SeedStock(9, 5) })
	few, many := order.Order{ID: "few", SKU: 9, Qty: 2, Amount: 7}, order.Order{ID: "many", SKU: 9, Qty: 4, Amount: 7}
	made := func(did bool, err error) (string, error) { return fmt.Sprint(did), err }
	for _, c := range []struct {
		why           string
		db            *store.DB
		first, second string
		change        func(tx *store.Tx) (string, error)
	}{
		{"a reservation is made", inventory, "held true", "held false", func(tx *store.Tx) (string, error) {
			got, did, err := tx.Reserve(few, 1)
			return fmt.Sprint(got, " ", did), err
		}},
		{"a reservation is rejected", inventory, "rejected true", "rejected false", func(tx *store.Tx) (string, error) {
			got, did, err := tx.Reserve(many, 1)
			return fmt.Sprint(got, " ", did), err
		}},
		{"a reservation is read", inventory, "held", "held", func(tx *store.Tx) (string, error) { return tx.Reservation("few") }},
		{"there is no reservation", inventory, "", "", func(tx *store.Tx) (string, error) { return tx.Reservation("none") }},
		{"a rejected reservation is released", inventory, "false", "false", func(tx *store.Tx) (string, error) {
			return made(tx.Release(many, 2))
		}},
		{"a payment is recorded", payment, "true", "false", func(tx *store.Tx) (string, error) {
			return made(tx.RecordPayment(few, store.PaymentCaptured, 1))
		}},
		{"an order is sent", shipping, "true", "false", func(tx *store.Tx) (string, error) {
			return made(tx.Ship("few", store.ShipmentSent, 1))
		}},
		{"an order is delivered", shipping, "true", "false", func(tx *store.Tx) (string, error) { return made(tx.Deliver("few")) }},
		{"an order that was not sent is delivered", shipping, "false", "false", func(tx *store.Tx) (string, error) {
			return made(tx.Deliver("none"))
		}},
	} {
		for n, want := range []string{c.first, c.second} {
			update(t, c.db, func(tx *store.Tx) error {
				got, err := c.change(tx)
				if got != want {
					t.Errorf("%s, time %d: saw %q; expected %q", c.why, n+1, got, want)
				}
				return err
			})
		}
	}
	// Whatever is asked later, a key has the outcome of its first charge.
	for _, asked := range []string{store.PaymentDeclined, store.PaymentCaptured} {
		err := provider.Single(t.Context(), func(tx *store.Tx) error {
			got, err := tx.Charge("few", "few", 7, asked, 1)
			if got != store.PaymentDeclined {
				t.Errorf("a charge that is to be %s: saw %s; expected declined, as the first", asked, got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	recordedOnce(t, inventory, payment, shipping, provider)
}

// recordedOnce reads what onceEach wrote: each change once.
func recordedOnce(t *testing.T, inventory, payment, shipping, provider *store.DB) {
	t.Helper()
	for _, c := range []struct {
		why   string
		db    *store.DB
		audit func(*store.Tx, func(store.Record) error) error
		want  string
	}{
		{"reservations and stock", inventory, (*store.Tx).AuditInventory, "few held -2, many rejected"},
		{"payments", payment, (*store.Tx).AuditPayments, "few captured"},
		{"shipments", shipping, (*store.Tx).AuditShipments, "few delivered"},
		{"the ledger", provider, (*store.Tx).AuditLedger, "few declined"},
	} {
		view(t, c.db, func(tx *store.Tx) error {
			of := map[string]string{} // by order: states, then changes of stock
			err := c.audit(tx, func(r store.Record) error {
				switch {
				case r.Order != "few" && r.Order != "many":
				case r.Kind == "audit.stock-change":
					of[r.Order] += fmt.Sprint(" ", r.Qty)
				default:
					of[r.Order] += r.To
				}
				return nil
			})
			var got []string
			for id, text := range of {
				got = append(got, id+" "+text)
			}
			slices.Sort(got)
			if text := strings.Join(got, ", "); text != c.want {
				t.Errorf("%s: saw %q; expected %q", c.why, text, c.want)
			}
			return err
		})
	}
}

// stopped is an audit whose reader wants no more: it ends with the reader's error.
func stopped(t *testing.T, s *suite) {
	db := s.open(t, "orders")
	update(t, db, func(tx *store.Tx) error {
		_, err := tx.CreateOrder(order.Order{ID: "stopped", SKU: 1, Qty: 1}, 1)
		tx.Enqueue("me", store.Outgoing{ID: "stopped:x", Topic: "t", Order: "stopped", Body: []byte("x")})
		return err
	})
	enough := errors.New("the reader is gone")
	for _, audit := range []func(*store.Tx, func(store.Record) error) error{(*store.Tx).AuditOrders, (*store.Tx).AuditMessages} {
		calls := 0
		err := db.View(t.Context(), func(tx *store.Tx) error {
			return audit(tx, func(store.Record) error { calls++; return enough })
		})
		if !errors.Is(err, enough) || calls != 1 {
			t.Errorf("saw %v after %d records; expected %v after one", err, calls, enough)
		}
	}
}
