package order

// State is where an order stands. The happy path is
// CREATED -> RESERVED -> PAID -> SHIPPED -> DELIVERED.
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

// Terminal reports whether an order in s is finished with.
func (s State) Terminal() bool {
	return s == Delivered || s == Cancelled || s == Parked
}

// next lists the legal transitions.
var next = map[State][]State{
	Created:  {Reserved, Cancelled, Parked},
	Reserved: {Paid, Cancelled, Parked},
	Paid:     {Shipped, Parked},
	Shipped:  {Delivered, Parked},
}

// Legal reports whether an order may go from one state to another directly.
func Legal(from, to State) bool {
	for _, s := range next[from] {
		if s == to {
			return true
		}
	}
	return false
}

// happy is the happy path, in order.
var happy = []State{Created, Reserved, Paid, Shipped, Delivered}

func rank(s State) int {
	for i, h := range happy {
		if h == s {
			return i
		}
	}
	return -1
}

// Path returns the states that an order in state from passes, in order, once
// it is known that it must have reached state to. Events of different services
// overtake each other on their way; a fact implies the facts that caused it, so
// a capture that arrives before its reservation moves the order through both.
// An empty path means that the news is old or comes too late.
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
	i, j := rank(from), rank(to)
	if i < 0 || j <= i {
		return nil
	}
	return happy[i+1 : j+1]
}
