package sim

import (
	"hash/fnv"
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
