package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/backend/backendtest"
	"squall/system/order"
	"squall/system/store"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// TestConformance holds every database to what the package promises.
func TestConformance(t *testing.T) {
	for _, name := range backendtest.Names(sim.RoleDatabase) {
		t.Run(name, func(t *testing.T) {
			s := &suite{server: backendtest.Start(t, name), dir: t.TempDir()}
			for _, c := range []struct {
				name string
				test func(*testing.T, *suite)
			}{
				{"schema", schema}, {"create once", createOnce}, {"advance", advance}, {"no oversell", noOversell},
				{"release once", releaseOnce}, {"outbox order", outboxOrder}, {"inbox", inbox},
				{"crash between effect and ack", crash}, {"a silent relay's rows", silentRelay},
				{"once each", onceEach}, {"a reader that stops", stopped},
			} {
				t.Run(c.name, func(t *testing.T) { c.test(t, s) })
			}
		})
	}
}

type suite struct {
	server sim.Server
	dir    string
}

func (s *suite) open(t *testing.T, schema string) *store.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	e := s.server.Env
	db, err := store.Open(ctx, store.Config{
		Kind: e["SQUALL_STORE"], Dir: s.dir, Addr: strings.Join(s.server.Addrs, ","), User: e["SQUALL_STORE_USER"],
		Password: e["SQUALL_STORE_PASSWORD"], Prefix: e["SQUALL_STORE_PREFIX"], Schema: schema,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the test has read what it needs
	return db
}

func update(t *testing.T, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.View(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func schema(t *testing.T, s *suite) {
	var wg sync.WaitGroup
	for _, name := range []string{"orders", "inventory", "payment", "shipping"} {
		for range 3 { // replicas come up together
			wg.Go(func() { s.open(t, name) })
		}
	}
	wg.Wait()
}

func createOnce(t *testing.T, s *suite) {
	db := s.open(t, "orders")
	o := order.Order{ID: "once", SKU: 1, Qty: 1, Amount: 5}
	var made atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			update(t, db, func(tx *store.Tx) error {
				created, err := tx.CreateOrder(o, 1)
				if created {
					made.Add(1)
				}
				return err
			})
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("the same order was created %d times", made.Load())
	}
	view(t, db, func(tx *store.Tx) error {
		got, state, found, err := tx.Order("once")
		if got != o || state != order.Created || !found {
			t.Errorf("read %+v %s %v", got, state, found)
		}
		return err
	})
}

func advance(t *testing.T, s *suite) {
	db := s.open(t, "orders")
	update(t, db, func(tx *store.Tx) error {
		if _, err := tx.CreateOrder(order.Order{ID: "adv", SKU: 1, Qty: 1}, 1); err != nil {
			return err
		}
		passed, err := tx.Advance("adv", order.Paid, false, 2)
		if fmt.Sprint(passed) != "[RESERVED PAID]" {
			t.Errorf("passed %v", passed)
		}
		return err
	})
	update(t, db, func(tx *store.Tx) error { // two in one transaction
		for _, to := range []order.State{order.Shipped, order.Delivered} {
			if passed, err := tx.Advance("adv", to, false, 2); err != nil || fmt.Sprint(passed) != "["+string(to)+"]" {
				t.Errorf("to %s: passed %v, %v", to, passed, err)
			}
		}
		return nil
	})
	view(t, db, func(tx *store.Tx) error {
		var path []string
		err := tx.AuditOrders(func(r store.Record) error {
			if r.Order == "adv" {
				path = append(path, r.To)
			}
			return nil
		})
		if fmt.Sprint(path) != "[DELIVERED CREATED RESERVED PAID SHIPPED DELIVERED]" {
			t.Errorf("state and log: %v", path)
		}
		return err
	})
	update(t, db, func(tx *store.Tx) error {
		passed, err := tx.Advance("adv", order.Reserved, false, 3)
		if len(passed) != 0 {
			t.Errorf("an event that came late moved it through %v", passed)
		}
		return err
	})
	err := db.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Advance("nobody", order.Paid, false, 1)
		return err
	})
	if !errors.Is(err, store.ErrNoOrder) {
		t.Errorf("saw %v, expected %v", err, store.ErrNoOrder)
	}
}

// noOversell lets 16 writers take 2 of 100 at once, 20 times each: 320 ask,
// 50 can have.
func noOversell(t *testing.T, s *suite) {
	dbs := []*store.DB{s.open(t, "inventory"), s.open(t, "inventory")} // as two processes
	update(t, dbs[0], func(tx *store.Tx) error { return tx.SeedStock(1, 100) })
	var held atomic.Int64
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 20 {
				o := order.Order{ID: fmt.Sprintf("w%d-%d", w, i), SKU: 1, Qty: 2}
				var state string
				update(t, dbs[w%2], func(tx *store.Tx) (err error) {
					state, _, err = tx.Reserve(o, 1)
					return err
				})
				if state == store.ReservationHeld {
					held.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if held.Load() != 50 {
		t.Errorf("%d reservations of 2 were held, the stock was 100", held.Load())
	}
	onHand, logged := int64(-1), int64(100)
	view(t, dbs[0], func(tx *store.Tx) error {
		return tx.AuditInventory(func(r store.Record) error {
			switch r.Kind {
			case "audit.stock":
				onHand = r.Qty
			case "audit.stock-change":
				if logged += r.Qty; logged < 0 {
					t.Errorf("after %s the log stands at %d", r.Order, logged)
				}
			}
			return nil
		})
	})
	if onHand != 0 || logged != 0 {
		t.Errorf("on hand %d, by the log %d, expected 0", onHand, logged)
	}
}

func releaseOnce(t *testing.T, s *suite) {
	db := s.open(t, "inventory")
	update(t, db, func(tx *store.Tx) error { return tx.SeedStock(2, 10) })
	o := order.Order{ID: "rel", SKU: 2, Qty: 3}
	update(t, db, func(tx *store.Tx) error { _, _, err := tx.Reserve(o, 1); return err })
	for i, want := range []bool{true, false} {
		update(t, db, func(tx *store.Tx) error {
			released, err := tx.Release(o, 2)
			if released != want {
				t.Errorf("release %d: %v, expected %v", i+1, released, want)
			}
			return err
		})
	}
}

func outboxOrder(t *testing.T, s *suite) {
	db := s.open(t, "payment")
	for i := range 20 {
		update(t, db, func(tx *store.Tx) error {
			m := store.Outgoing{ID: fmt.Sprintf("m%02d", i), Topic: "t", Order: "o", Body: []byte{1, 0, 2}, Trace: "x"}
			if i == 7 {
				m.Due = 1000
			}
			tx.Enqueue("me", m)
			return nil
		})
	}
	var seqs []int64
	view(t, db, func(tx *store.Tx) error {
		rows, err := tx.Pending("me", 500, 100)
		for i := 1; i < len(rows); i++ {
			if rows[i].Seq <= rows[i-1].Seq || rows[i].ID <= rows[i-1].ID {
				t.Errorf("%s comes after %s", rows[i].ID, rows[i-1].ID)
			}
		}
		if len(rows) != 19 || string(rows[0].Body) != "\x01\x00\x02" {
			t.Errorf("%d rows are due, expected 19; the first body is %q", len(rows), rows[0].Body)
		}
		for _, r := range rows[:10] {
			seqs = append(seqs, r.Seq)
		}
		return err
	})
	update(t, db, func(tx *store.Tx) error { return tx.MarkSent(seqs, 600) })
	view(t, db, func(tx *store.Tx) error {
		n, err := tx.Unsent()
		if n != 10 {
			t.Errorf("%d are unsent, expected 10", n)
		}
		return err
	})
}

func inbox(t *testing.T, s *suite) {
	db := s.open(t, "shipping")
	var firsts atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			update(t, db, func(tx *store.Tx) error {
				first, err := tx.Handle(1, "m1")
				if first {
					firsts.Add(1)
				}
				return err
			})
		})
	}
	wg.Wait()
	givenUp := errors.New("given up")
	for ids, want := range map[string]bool{"n1 n2 n3": true, "n4 m1": false, "n5 n5": false} {
		err := db.Update(context.Background(), func(tx *store.Tx) error {
			if all, err := tx.Handle(1, strings.Fields(ids)...); err != nil || all != want {
				t.Errorf("%s: all new %v, %v; expected %v", ids, all, err, want)
			}
			return givenUp
		})
		if !errors.Is(err, givenUp) {
			t.Errorf("%s: saw the error %v; expected %v", ids, err, givenUp)
		}
	}
	if firsts.Load() != 1 {
		t.Errorf("the message was handled for the first time %d times", firsts.Load())
	}
}

// crash is a handler that dies before its commit, and one that dies after it,
// before its ack: the message comes again both times.
func crash(t *testing.T, s *suite) {
	db := s.open(t, "shipping")
	died := errors.New("killed before the commit")
	handle := func(die error) (first bool, err error) {
		err = db.Update(context.Background(), func(tx *store.Tx) error {
			if first, err = tx.Handle(1, "m2"); err != nil || !first {
				return err
			}
			if _, err := tx.Ship("o2", store.ShipmentSent, 1); err != nil {
				return err
			}
			tx.Enqueue("me", store.Outgoing{ID: "o2:shipped", Topic: "t", Order: "o2", Body: []byte("x")})
			return die
		})
		return first, err
	}
	if _, err := handle(died); !errors.Is(err, died) {
		t.Fatal(err)
	}
	if first, err := handle(nil); err != nil || !first {
		t.Fatalf("after a death before the commit: first %v, %v", first, err)
	}
	if first, err := handle(nil); err != nil || first {
		t.Fatalf("after a death before the ack: first %v, %v", first, err)
	}
	view(t, db, func(tx *store.Tx) error {
		n := 0
		err := tx.AuditShipments(func(r store.Record) error { n++; return nil })
		if n != 1 {
			t.Errorf("%d shipments, expected 1", n)
		}
		return err
	})
}

func silentRelay(t *testing.T, s *suite) {
	db := s.open(t, "orders")
	second := int64(time.Second)
	update(t, db, func(tx *store.Tx) error {
		if err := tx.Beat("dead", 1*second); err != nil {
			return err
		}
		tx.Enqueue("dead", store.Outgoing{ID: "orphan", Topic: "t", Order: "o", Body: []byte("x")})
		return nil
	})
	for now, want := range map[int64]int{2 * second: 0, 5 * second: 1} {
		view(t, db, func(tx *store.Tx) error {
			rows, err := tx.Pending("alive", now, 10)
			if len(rows) != want {
				t.Errorf("at %d s: %d rows, expected %d", now/second, len(rows), want)
			}
			return err
		})
	}
}
