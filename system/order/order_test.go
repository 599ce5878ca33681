package order

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestState(t *testing.T) {
	for _, c := range []struct {
		why      string
		state    State
		rank     int
		terminal bool
	}{
		{"where every order begins", Created, 0, false},
		{"the stock is held", Reserved, 1, false},
		{"the money is taken", Paid, 2, false},
		{"on its way", Shipped, 3, false},
		{"success", Delivered, 4, true},
		{"an end that no successful order goes through", Cancelled, -1, true},
		{"a person has to look: nothing more happens by itself", Parked, -1, true},
		{"before an order is created it has no state", "", -1, false},
	} {
		if rank, terminal := c.state.Rank(), c.state.Terminal(); rank != c.rank || terminal != c.terminal {
			t.Errorf("%s: %q has rank %d, terminal %v; expected %d, %v", c.why, c.state, rank, terminal, c.rank, c.terminal)
		}
		if c.terminal && len(next[c.state]) > 0 {
			t.Errorf("%s: %s is terminal and has transitions to %v", c.why, c.state, next[c.state])
		}
	}
}

func TestPath(t *testing.T) {
	for _, c := range []struct {
		why      string
		from, to State
		after    bool
		want     []State
	}{
		{"the next step", Created, Reserved, false, []State{Reserved}},
		{"a capture overtook its reservation", Created, Paid, false, []State{Reserved, Paid}},
		{"a delivery overtook everything", Created, Delivered, false, []State{Reserved, Paid, Shipped, Delivered}},
		{"an event that came late", Paid, Reserved, false, nil},
		{"no stock", Created, Cancelled, false, []State{Cancelled}},
		{"released before the reservation was seen", Created, Cancelled, true, []State{Reserved, Cancelled}},
		{"released", Reserved, Cancelled, true, []State{Cancelled}},
		{"a paid order cannot be cancelled", Paid, Cancelled, true, nil},
		{"a terminal state has no transitions", Delivered, Cancelled, false, nil},
		{"a person is needed", Paid, Parked, false, []State{Parked}},
	} {
		if got := Path(c.from, c.to, c.after); !(len(got) == 0 && len(c.want) == 0) && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: Path(%s, %s) = %v, want %v", c.why, c.from, c.to, got, c.want)
		}
	}
}

func TestPathTakesOnlyLegalSteps(t *testing.T) {
	all := []State{Created, Reserved, Paid, Shipped, Delivered, Cancelled, Parked}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SampledFrom(all).Draw(t, "from")
		to := rapid.SampledFrom(all).Draw(t, "to")
		for _, s := range Path(at, to, rapid.Bool().Draw(t, "after")) {
			if !Legal(at, s) {
				t.Fatalf("%s -> %s is not legal", at, s)
			}
			at = s
		}
	})
}

func TestDecode(t *testing.T) {
	good := NewEvent(StockReserved, Order{ID: "o-1", SKU: 3, Qty: 1, Amount: 500}, 7)
	got, err := Decode(good.Encode())
	if err != nil || got != good {
		t.Fatalf("Decode(Encode(e)) = %+v, %v, want %+v", got, err, good)
	}
	newer := good
	newer.Version = 2
	for _, c := range []struct{ why, body, says string }{
		{"not JSON", "\x00poison", "invalid character"},
		{"a newer contract", string(newer.Encode()), "saw contract version 2"},
		{"no version", `{"id":"a","type":"order.created","order":{"id":"o","sku":1,"qty":1}}`, "saw contract version 0"},
		{"an unknown type", `{"id":"a","type":"x","version":1,"order":{"id":"o","sku":1,"qty":1}}`, `saw the type "x"`},
		{"no id", `{"type":"order.created","version":1,"order":{"id":"o","sku":1,"qty":1}}`, "saw no id"},
		{"no order inside", `{"id":"a","type":"order.created","version":1}`, "order id: saw 0 characters"},
		{"a SKU that cannot be", `{"id":"a","type":"order.created","version":1,"order":{"id":"o","qty":1}}`, "sku: saw 0"},
		{"nothing ordered", `{"id":"a","type":"order.created","version":1,"order":{"id":"o","sku":1}}`, "qty: saw 0"},
		{"money for the customer", `{"id":"a","type":"order.created","version":1,"order":{"id":"o","sku":1,"qty":1,"amount":-1}}`,
			"amount: saw -1"},
	} {
		if _, err := Decode([]byte(c.body)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: saw the error %v; expected one that says %s", c.why, err, c.says)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(NewEvent(OrderCreated, Order{ID: "o-1", SKU: 1, Qty: 1}, 1).Encode())
	f.Add([]byte(`{"version":99}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Decode(body)
		if err != nil {
			return
		}
		if again, err := Decode(e.Encode()); err != nil || again != e {
			t.Fatalf("an accepted event does not survive a round trip: %+v, %+v, %v", e, again, err)
		}
	})
}
