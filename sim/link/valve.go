package link

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"squall/sim"
)

// way is a direction over a link.
type way int

const (
	requests way = iota // from the side that connects
	answers
)

// valve is what a link does at present to what crosses it. All connections over
// the link share it.
type valve struct {
	mu      sync.Mutex
	shape   sim.Shape
	changed chan struct{} // closed when the shape changes
	free    [2]time.Time  // when each way has passed on what it was given, at the shape's rate

	shaped    atomic.Bool
	accepted  atomic.Int64
	open      atomic.Int64
	passed    [2]atomic.Int64 // bytes
	throttled atomic.Int64    // nanoseconds
}

func newValve() *valve { return &valve{changed: make(chan struct{})} }

func (v *valve) set(s sim.Shape) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.shape, v.free = s, [2]time.Time{}
	v.shaped.Store(s != sim.Shape{})
	close(v.changed)
	v.changed = make(chan struct{})
}

// delay draws by how much the next bytes of a way are held up.
//
// With delay d and jitter j, u even in [0,1) and z standard normal: uniform is
// d + (2u-1) j; normal is d + z j; pareto is d + j ((1-u)^(-1/3) - 1), a heavy
// tail above d whose mean is d + j/2. None is under 0.
func (v *valve) delay(w way) time.Duration {
	v.mu.Lock()
	s := v.shape
	v.mu.Unlock()
	if w == requests || s.Delay == 0 && s.Jitter == 0 {
		return 0
	}
	var off float64
	switch s.Spread {
	case "normal":
		off = rand.NormFloat64()
	case "pareto":
		off = math.Pow(1-rand.Float64(), -1.0/3) - 1
	default:
		off = 2*rand.Float64() - 1
	}
	return max(0, s.Delay+time.Duration(off*float64(s.Jitter)))
}

// holds reports whether a way is held back, and a channel that is closed when
// that may have changed.
func (v *valve) holds(w way) (bool, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if w == requests {
		return v.shape.HoldRequests, v.changed
	}
	return v.shape.HoldAnswers, v.changed
}

// burst is how much of a second's worth of bytes goes out in one piece.
const burst = 0.05

// portion is how many of n bytes may go out in one piece.
func (v *valve) portion(n int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.shape.Rate == 0 {
		return n
	}
	return max(1, min(n, int(v.shape.Rate*burst)))
}

// reserve takes a place for n bytes on a way and returns how long to wait for
// it, and a channel that is closed when the shape changes first.
func (v *valve) reserve(w way, n int) (time.Duration, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.shape.Rate == 0 {
		return 0, v.changed
	}
	now := time.Now()
	start := v.free[w]
	if start.Before(now) {
		start = now
	}
	v.free[w] = start.Add(time.Duration(float64(n) / v.shape.Rate * float64(time.Second)))
	return start.Sub(now), v.changed
}

func (v *valve) traffic() sim.Traffic {
	return sim.Traffic{
		Accepted: v.accepted.Load(), Open: v.open.Load(),
		Requests: v.passed[requests].Load(), Answers: v.passed[answers].Load(),
		Throttled: time.Duration(v.throttled.Load()),
	}
}
