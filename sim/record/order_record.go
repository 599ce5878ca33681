package record

import (
	"slices"

	"squall/sim"
)

// OrderRecord is what is known of one order.
type OrderRecord struct {
	ID  string
	SKU int
	Qty int64

	// What the client saw. Requested is false for an order it never sent.
	Requested                bool
	Seq                      int
	Intended, Sent, Answered int64
	Status                   int
	Outcome                  sim.Outcome

	// What the services recorded.
	Created     int64     // 0: the orders service does not know it
	State       sim.State // final
	Steps       []Step    // of its state, in the order they took effect
	Reservation string    // "", held, rejected, released
	Payment     string    // the payment service's view
	Captures    int       // the provider's ledger
	Declines    int
	Shipment    string // "", sent, delivered
	Messages    MessageFlags
	Probed      *Probed // nil: it is not among those that were read

	// Moments inside the transactions, CLOCK_MONOTONIC, ns; 0: it did not happen.
	HeldAt     int64 // stock was reserved
	ReleasedAt int64 // and given back
	CapturedAt int64 // by the provider; the first capture
	ShippedAt  int64 // by the shipping service

	LastCommit int64 // the latest commit of any service for it
	TerminalAt int64 // commit of its terminal state; 0: none
}

// Step is one transition of an order. It keeps the states as small numbers, since a
// million orders have five million steps.
type Step struct {
	At       int64 // inside the transaction, CLOCK_MONOTONIC, ns
	from, to uint8
}

// stepStates are the states that a Step can hold; the last stands for any other.
var stepStates = append(append([]sim.State{""}, sim.States()...), "UNKNOWN")

// NewStep returns a transition between two states, "" for none.
func NewStep(from, to sim.State, at int64) Step {
	number := func(state sim.State) uint8 {
		if i := slices.Index(stepStates, state); i >= 0 {
			return uint8(i)
		}
		return uint8(len(stepStates) - 1)
	}
	return Step{at, number(from), number(to)}
}

// From returns the state before.
func (s Step) From() sim.State { return stepStates[s.from] }

// To returns the state after.
func (s Step) To() sim.State { return stepStates[s.to] }

// StockRecord is what is known of the stock of one SKU.
type StockRecord struct {
	SKU             int
	Initial, OnHand int64 // as the service says
	Logged          int64 // initial plus all logged changes
	Lowest          int64 // of all prefixes of the log
	LowestOrder     string
	Held            int64 // by reservations that are held
}

// SetAside reports whether an order waits for a person: it, or a message without
// which it cannot go on, is parked.
func (o *OrderRecord) SetAside() bool {
	return o.State == sim.StateParked || o.Messages.Parked != 0 && !o.State.Terminal()
}
