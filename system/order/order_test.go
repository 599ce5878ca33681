package order

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

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
		{"old news", Paid, Reserved, false, nil},
		{"no stock", Created, Cancelled, false, []State{Cancelled}},
		{"released before the reservation was seen", Created, Cancelled, true, []State{Reserved, Cancelled}},
		{"released", Reserved, Cancelled, true, []State{Cancelled}},
		{"a paid order cannot be cancelled", Paid, Cancelled, true, nil},
		{"nothing leaves a terminal state", Delivered, Cancelled, false, nil},
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
	for why, body := range map[string][]byte{
		"not JSON":        []byte("\x00poison"),
		"newer contract":  newer.Encode(),
		"unknown type":    []byte(`{"id":"a","type":"x","version":1,"order":{"id":"o","sku":1,"qty":1}}`),
		"no id":           []byte(`{"type":"order.created","version":1,"order":{"id":"o","sku":1,"qty":1}}`),
		"no order inside": []byte(`{"id":"a","type":"order.created","version":1}`),
	} {
		if _, err := Decode(body); err == nil {
			t.Errorf("%s: no error", why)
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
