package sim

// State is how far an order has come, as the orders service records it. The
// zero value is no state: the order is not there, or nobody has seen it yet.
type State string

// The states. An order that all goes well for has the first five in turn.
const (
	StateCreated   State = "CREATED"
	StateReserved  State = "RESERVED"
	StatePaid      State = "PAID"
	StateShipped   State = "SHIPPED"
	StateDelivered State = "DELIVERED"
	StateCancelled State = "CANCELLED"
	StateParked    State = "PARKED" // set aside for a person
)

// States lists all states by rising rank.
func States() []State {
	return []State{StateCreated, StateReserved, StatePaid, StateShipped, StateDelivered, StateCancelled, StateParked}
}

// Rank orders the states: an order never goes to one of lower rank. The terminal
// states share the highest; no state, and one that is not known, have 0.
func (s State) Rank() int {
	switch s {
	case StateCreated:
		return 1
	case StateReserved:
		return 2
	case StatePaid:
		return 3
	case StateShipped:
		return 4
	case StateDelivered, StateCancelled, StateParked:
		return 5
	}
	return 0
}

// Terminal reports whether an order in this state is finished with.
func (s State) Terminal() bool {
	return s == StateDelivered || s == StateCancelled || s == StateParked
}

// StateTold returns the state of an order whose commit an event of this kind
// tells; "" for all other kinds.
func StateTold(kind string) State {
	switch kind {
	case OrderCreated:
		return StateCreated
	case OrderReserved:
		return StateReserved
	case OrderPaid:
		return StatePaid
	case OrderShipped:
		return StateShipped
	case OrderDelivered:
		return StateDelivered
	case OrderCancelled:
		return StateCancelled
	case OrderParked:
		return StateParked
	}
	return ""
}
