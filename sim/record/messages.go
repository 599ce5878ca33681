package record

import (
	"strings"

	"squall/sim"
)

// MessageFlags is what became of an order's messages, in bits whose meaning Routing
// has: an order needs 24 bytes for it, however long the ids of its messages are.
type MessageFlags struct {
	Confirmed uint64 // by type: the broker confirmed it to its publisher
	Handled   uint64 // by type and service
	Parked    uint64 // by type and service
}

// Routing says which types of messages a trial has, and which services are to
// handle each.
type Routing struct {
	types    map[string]uint64
	routes   map[route]uint64
	Bindings map[string][]string // type -> services that are to handle it
	Parked   int                 // messages that were set aside
}

type route struct{ typ, service string }

func newRouting() Routing {
	return Routing{types: map[string]uint64{}, routes: map[route]uint64{}, Bindings: map[string][]string{}}
}

// bit returns the bit of a key, the next free one for a key that is new; none
// when all 64 are taken.
func bit[K comparable](bits map[K]uint64, key K) uint64 {
	if b, ok := bits[key]; ok {
		return b
	}
	b := uint64(1) << len(bits) // 0 from the 65th on
	bits[key] = b
	return b
}

// MessageType returns the order and the type of a message: its id is the two,
// with a colon between them.
func MessageType(id string) (order, typ string) {
	order, typ, _ = strings.Cut(id, ":")
	return order, typ
}

func (rec *TrialRecord) addMessage(e sim.Event) {
	if e.Kind == sim.AuditBinding {
		rec.Routing.Bindings[e.Message] = append(rec.Routing.Bindings[e.Message], e.Src)
		return
	}
	id, typ := MessageType(e.Message)
	if e.Kind == sim.AuditParked && rec.byID[id] == nil {
		rec.Routing.Parked++ // a message that a fault has made: there is no such order
		return
	}
	o := rec.order(id)
	switch {
	case e.Kind == sim.AuditOutbox && e.To == sim.OutboxSent:
		o.Messages.Confirmed |= bit(rec.Routing.types, typ)
	case e.Kind == sim.AuditHandled:
		o.Messages.Handled |= bit(rec.Routing.routes, route{typ, e.Src})
	case e.Kind == sim.AuditParked:
		o.Messages.Parked |= bit(rec.Routing.routes, route{typ, e.Key})
		rec.Routing.Parked++
	}
}

// Unhandled calls f for each message of an order that the broker confirmed and
// a service that is to handle it neither handled nor had set aside.
func (rec *TrialRecord) Unhandled(o *OrderRecord, f func(typ, service string)) {
	if o.Messages.Confirmed == 0 {
		return
	}
	for typ, b := range rec.Routing.types {
		if o.Messages.Confirmed&b == 0 {
			continue
		}
		for _, service := range rec.Routing.Bindings[typ] {
			if r := rec.Routing.routes[route{typ, service}]; r == 0 || (o.Messages.Handled|o.Messages.Parked)&r == 0 {
				f(typ, service)
			}
		}
	}
}
