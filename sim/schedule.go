package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"time"
)

// Schedule is every request of a trial before it is sent: when it is due and
// what it orders. It depends on the scenario and its seed alone, so all
// variants and repeats meet the same.
type Schedule struct {
	At     []time.Duration // offsets from the start of the first phase, rising
	Orders []Order
}

// Order is what one request asks for.
type Order struct {
	SKU    int32
	Qty    int32
	Amount int32 // cents
}

// NewSchedule computes the arrivals and orders of a scenario.
//
// Arrivals are points on the axis of expected counts: k+1/2 for uniform
// arrivals, sums of unit exponentials for Poisson ones. The inverse of the
// integrated rate maps them to time, which for Poisson is the time-change
// theorem for inhomogeneous processes (Cinlar, Introduction to Stochastic
// Processes, 1975, section 4.7).
func NewSchedule(sc Scenario) *Schedule {
	arrivals := rand.New(rand.NewPCG(sc.Seed, 1))
	orders := rand.New(rand.NewPCG(sc.Seed, 2))
	popular := popularity(sc.Orders)
	s := &Schedule{}
	var start time.Duration
	var before, point float64 // expected count before this phase; the next arrival's point
	next := func(n int) float64 {
		if sc.Load.Arrivals == "poisson" {
			return point + arrivals.ExpFloat64()
		}
		return float64(n) + 0.5
	}
	point = next(0)
	for _, p := range sc.Load.Phases {
		expected := (p.From + p.To) / 2 * p.For.Seconds()
		for point < before+expected {
			s.At = append(s.At, start+time.Duration(invert(p, point-before)*1e9))
			s.Orders = append(s.Orders, Order{
				SKU:    int32(1 + sort.SearchFloat64s(popular, orders.Float64())),
				Qty:    1 + orders.Int32N(3),
				Amount: 500 + orders.Int32N(20_000),
			})
			point = next(len(s.At))
		}
		before += expected
		start += p.For
	}
	return s
}

// invert returns the time in seconds at which a phase's expected count reaches
// n. The rate is r(t) = a + b t, its integral n = a t + b t^2 / 2; solved for t
// in the form that stays exact as b goes to 0: t = 2n / (a + sqrt(a^2 + 2bn)).
func invert(p Phase, n float64) float64 {
	a, b := p.From, (p.To-p.From)/p.For.Seconds()
	return 2 * n / (a + math.Sqrt(max(0, a*a+2*b*n)))
}

// popularity returns the cumulative shares of the SKUs: SKU k gets a share
// proportional to k^-s.
func popularity(o Orders) []float64 {
	cumulative := make([]float64, o.SKUs)
	sum := 0.0
	for k := range cumulative {
		sum += math.Pow(float64(k+1), -o.Zipf)
		cumulative[k] = sum
	}
	for k := range cumulative {
		cumulative[k] /= sum
	}
	cumulative[len(cumulative)-1] = 1
	return cumulative
}

// Digest identifies the schedule: SHA-256 over each request's time and order.
func (s *Schedule) Digest() string {
	h := sha256.New()
	var b [20]byte
	for i, at := range s.At {
		o := s.Orders[i]
		binary.BigEndian.PutUint64(b[0:], uint64(at))
		binary.BigEndian.PutUint32(b[8:], uint32(o.SKU))
		binary.BigEndian.PutUint32(b[12:], uint32(o.Qty))
		binary.BigEndian.PutUint32(b[16:], uint32(o.Amount))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// OrderID returns the id of the order of request seq.
func OrderID(seq int) string { return fmt.Sprintf("o-%07d", seq) }

// Trace returns the W3C trace context of request seq: the same in every
// variant, so that one order's path can be laid beside the other's.
func Trace(seed uint64, seq int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d", seed, seq))
	return "00-" + hex.EncodeToString(sum[:16]) + "-" + hex.EncodeToString(sum[16:24]) + "-01"
}
