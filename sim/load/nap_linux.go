package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// nap waits for d, or for less when a signal comes. It uses nanosleep(2): a Go
// timer wakes up to a millisecond late, which would be part of every latency.
func nap(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_ = unix.Nanosleep(&ts, nil) // an error is a signal: the caller looks at the clock
}
