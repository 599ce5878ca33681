package sim

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"
)

// Probes says which orders are read back after they were accepted, and how
// often: reads see what a customer would see.
type Probes struct {
	Share float64       `json:"share"`    // of all orders, chosen by the seed
	Every time.Duration `json:"every_ns"` // between two reads of one order, at first
}

// Chosen reports whether an order is among those that are read: the same ones
// in every variant.
func (p Probes) Chosen(seed uint64, order string) bool {
	h := fnv.New64a()
	h.Write([]byte(order))
	x := h.Sum64() ^ seed*0x9e3779b97f4a7c15
	// splitmix64's finalizer spreads ids that differ in one digit.
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11)/(1<<53) < p.Share
}

// ProbePlan is what a trial's reads are made from.
type ProbePlan struct {
	Targets  []string // host:port of the ingress, behind its link; taken in turn
	Every    time.Duration
	Answered <-chan string // orders to be read from now on
	Write    func(Event)
}

// probeRoom is how many chosen orders may wait for their first read.
const probeRoom = 4096

// probe begins to read chosen orders as they are answered; t.stopProbing ends
// it.
func (t *trial) probe(ctx context.Context) (offer func(Event)) {
	p := t.info.Scenario.Probes
	if t.parts.Probe == nil || p.Share == 0 {
		return func(Event) {}
	}
	ctx, cancel := context.WithCancel(ctx)
	answered := make(chan string, probeRoom)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.parts.Probe(ctx, ProbePlan{Targets: t.Ingress, Every: p.Every, Answered: answered, Write: t.write})
	}()
	t.stopProbing = func() { cancel(); <-done }
	return func(e Event) {
		if e.Outcome == OutcomeFail || !p.Chosen(t.info.Scenario.Seed, e.Order) {
			return
		}
		select {
		case answered <- e.Order:
		default: // read too late is worse than not read
		}
	}
}

// Probed is what is known of an order that was read.
type Probed struct {
	Reads []Read
	Told  map[string]int64 // state -> when its commit was told, CLOCK_MONOTONIC, ns
}

// Read is one read of an order's state; State is "" when it was not there.
type Read struct {
	Asked, Answered int64
	State           string
}

// addProbed takes what the history says of an order that is among the chosen.
func (l *Ledger) addProbed(e Event) {
	if l.probes.Share == 0 || e.Order == "" || !l.probes.Chosen(l.probeSeed, e.Order) {
		return
	}
	o := l.order(e.Order)
	if o.Probed == nil {
		o.Probed = &Probed{Told: map[string]int64{}}
	}
	if e.Kind == ClientRead {
		if e.Outcome == OutcomeOK {
			o.Probed.Reads = append(o.Probed.Reads, Read{e.Sent, e.At, e.To})
		}
		return
	}
	if state := stateTold[e.Kind]; state != "" && o.Probed.Told[state] == 0 {
		o.Probed.Told[state] = e.At
	}
}

// stateTold are the events that tell of the commit of an order's state.
var stateTold = map[string]string{
	"order.created": "CREATED", "order.reserved": "RESERVED", "order.paid": "PAID", "order.shipped": "SHIPPED",
	"order.delivered": "DELIVERED", "order.cancelled": "CANCELLED", "order.parked": "PARKED",
}

// settings puts the probes into the event that begins a trial, and probesOf
// reads them back: a history can be judged without run.json.
func (p Probes) settings(seed uint64, e *Event) {
	e.Values = map[string]float64{"probe_share": p.Share, "probe_every_ms": float64(p.Every) / 1e6}
	e.Key = strconv.FormatUint(seed, 10)
}

func probesOf(e Event) (p Probes, seed uint64) {
	seed, _ = strconv.ParseUint(e.Key, 10, 64) // absent in histories without probes
	return Probes{Share: e.Values["probe_share"], Every: time.Duration(e.Values["probe_every_ms"] * 1e6)}, seed
}
