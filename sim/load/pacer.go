package load

import (
	"math"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/sys/unix"

	"squall/sim/clock"
)

// pacer hands the schedule's moments to vegeta. It ignores vegeta's own idea
// of the elapsed time: the schedule counts from the trial's start, on the clock
// that everything else uses.
type pacer struct {
	start int64 // CLOCK_MONOTONIC, ns
	at    []time.Duration
	stop  <-chan struct{}
}

var _ vegeta.Pacer = pacer{}

// napLimit bounds one sleep, so that the end of the trial is noticed.
const napLimit = 50 * time.Millisecond

// Pace waits until the hits-th request is due. It sleeps here, with
// nanosleep(2): a Go timer wakes up to a millisecond late, which would be part
// of every latency.
func (p pacer) Pace(_ time.Duration, hits uint64) (time.Duration, bool) {
	if hits >= uint64(len(p.at)) {
		return 0, true
	}
	for {
		wait := time.Duration(p.start + int64(p.at[hits]) - clock.Now())
		if wait <= 0 {
			return 0, false
		}
		ts := unix.NsecToTimespec(int64(min(wait, napLimit)))
		_ = unix.Nanosleep(&ts, nil) // cut short by a signal: the loop goes on
		select {
		case <-p.stop:
			return 0, true
		default:
		}
	}
}

// Rate is asked for only by vegeta's own reports.
func (p pacer) Rate(time.Duration) float64 { return math.NaN() }
