package load

import (
	"math"
	"math/rand/v2"
	"sort"
	"time"

	"squall/sim"
)

// NewSchedule computes the arrivals and orders of a scenario.
//
// Arrivals are points on the axis of expected counts: k+1/2 for uniform
// arrivals, sums of unit exponentials for Poisson ones. The inverse of the
// integrated rate maps them to time, which for Poisson is the time-change
// theorem for inhomogeneous processes (Cinlar, Introduction to Stochastic
// Processes, 1975, section 4.7).
func NewSchedule(sc sim.Scenario) *sim.Schedule {
	arrivals := rand.New(rand.NewPCG(sc.Seed, 1))
	orders := rand.New(rand.NewPCG(sc.Seed, 2))
	popular := popularity(sc.Orders)
	s := &sim.Schedule{}
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
			s.Orders = append(s.Orders, sim.Order{
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
func invert(p sim.Phase, n float64) float64 {
	a, b := p.From, (p.To-p.From)/p.For.Seconds()
	return 2 * n / (a + math.Sqrt(max(0, a*a+2*b*n)))
}

// popularity returns the cumulative shares of the SKUs: SKU k gets a share
// proportional to k^-s.
func popularity(o sim.Orders) []float64 {
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
