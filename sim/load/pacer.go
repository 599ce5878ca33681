package load

import (
	"math"
	"runtime"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"squall/sim/clock"
)

// pacer hands the schedule's moments to vegeta. It ignores the elapsed time that
// vegeta measures: the schedule counts from the trial's start, on the clock that
// everything else uses.
type pacer struct {
	start int64 // CLOCK_MONOTONIC, ns
	at    []time.Duration
	stop  <-chan struct{}
}

var _ vegeta.Pacer = pacer{}

const (
	// napLimit bounds one sleep, so that the end of the trial is noticed.
	napLimit = 50 * time.Millisecond
	// spinTime is by how much a Go timer may be late without a request being
	// late. It costs that much of one core for each request at most.
	spinTime = 500 * time.Microsecond
)

// Pace waits until the hits-th request is due. It waits here rather than leave
// that to vegeta, whose timer may wake up to a millisecond late.
func (p pacer) Pace(_ time.Duration, hits uint64) (time.Duration, bool) {
	if hits >= uint64(len(p.at)) {
		return 0, true
	}
	for {
		wait := time.Duration(p.start + int64(p.at[hits]) - clock.Now())
		if wait <= 0 {
			return 0, false
		}
		nap(min(wait, napLimit))
		select {
		case <-p.stop:
			return 0, true
		default:
		}
	}
}

// sleepThenSpin waits for d where no exact sleep is at hand: it sleeps until
// shortly before the end, and then asks the clock again and again, letting other
// goroutines run in between.
func sleepThenSpin(d time.Duration, sleep func(time.Duration)) {
	end := clock.Now() + int64(d)
	if d > spinTime {
		sleep(d - spinTime)
	}
	for clock.Now() < end {
		runtime.Gosched()
	}
}

// Rate is asked for only by vegeta's own reports.
func (p pacer) Rate(time.Duration) float64 { return math.NaN() }
