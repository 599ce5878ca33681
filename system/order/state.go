package order

import "slices"

// State is where an order stands. An order that succeeds goes through CREATED,
// RESERVED, PAID, SHIPPED and DELIVERED.
type State string

// The states of an order.
const (
	Created   State = "CREATED"
	Reserved  State = "RESERVED"
	Paid      State = "PAID"
	Shipped   State = "SHIPPED"
	Delivered State = "DELIVERED"
	Cancelled State = "CANCELLED" // no stock, or declined with the stock released
	Parked    State = "PARKED"    // needs a person
)

// success lists the states of an order that succeeds, in order.
var success = []State{Created, Reserved, Paid, Shipped, Delivered}

// next lists the legal transitions.
var next = map[State][]State{
	Created:  {Reserved, Cancelled, Parked},
	Reserved: {Paid, Cancelled, Parked},
	Paid:     {Shipped, Parked},
	Shipped:  {Delivered, Parked},
}

// Terminal reports whether nothing more happens to an order in s.
func (s State) Terminal() bool {
	return s == Delivered || s == Cancelled || s == Parked
}

// Rank is how far an order in s has come: 0 for CREATED to 4 for DELIVERED, and
// -1 for a state that an order which succeeds does not go through.
func (s State) Rank() int { return slices.Index(success, s) }

// Legal reports whether an order may go from one state to another directly.
func Legal(from, to State) bool { return slices.Contains(next[from], to) }

// Path returns the states that an order in state from goes through, in order,
// once it is known that it must have reached state to. Events of different
// services overtake each other; an event implies the events that caused it, so
// a capture that arrives before its reservation moves the order through both
// states. afterReservation says that a cancellation came after a reservation,
// whether or not the reservation has been seen. An empty path means that the
// order is already at that state or beyond it.
func Path(from, to State, afterReservation bool) []State {
	if from.Terminal() {
		return nil
	}
	if to == Cancelled {
		if afterReservation && from == Created {
			return []State{Reserved, Cancelled}
		}
		if Legal(from, Cancelled) {
			return []State{Cancelled}
		}
		return nil
	}
	if to == Parked {
		return []State{Parked}
	}
	i, j := from.Rank(), to.Rank()
	if i < 0 || j <= i {
		return nil
	}
	return success[i+1 : j+1]
}
