//go:build !linux

package load

import "time"

// nap waits for d. There is no nanosleep(2) to be called here without cgo.
func nap(d time.Duration) { sleepThenSpin(d, time.Sleep) }
