package sim

import "testing"

// TestStates: each state with its rank, whether it is terminal, and the event
// that tells of it.
func TestStates(t *testing.T) {
	for _, c := range []struct {
		state    State
		rank     int
		terminal bool
		told     string
	}{
		{"CREATED", 1, false, "order.created"}, {"RESERVED", 2, false, "order.reserved"}, {"PAID", 3, false, "order.paid"},
		{"SHIPPED", 4, false, "order.shipped"}, {"DELIVERED", 5, true, "order.delivered"},
		{"CANCELLED", 5, true, "order.cancelled"}, {"PARKED", 5, true, "order.parked"},
	} {
		if got := c.state.Rank(); got != c.rank {
			t.Errorf("%s has rank %d, expected %d", c.state, got, c.rank)
		}
		if got := c.state.Terminal(); got != c.terminal {
			t.Errorf("%s is terminal: %v", c.state, got)
		}
		if got := StateTold(c.told); got != c.state {
			t.Errorf("%s tells of %q, expected %s", c.told, got, c.state)
		}
	}
	before := 0
	for _, s := range States() {
		if s.Rank() < before || s.Rank() == 0 {
			t.Errorf("%s is out of order in States", s)
		}
		before = s.Rank()
	}
	if n := len(States()); n != 7 {
		t.Errorf("%d states, expected 7", n)
	}
	for _, none := range []State{"", "LOST"} {
		if none.Rank() != 0 || none.Terminal() {
			t.Errorf("%q has rank %d, terminal %v", none, none.Rank(), none.Terminal())
		}
	}
	if got := StateTold(ClientRead); got != "" {
		t.Errorf("a read tells of %q", got)
	}
}
