package clock

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// Now returns CLOCK_MONOTONIC in nanoseconds: the one clock of a run, shared
// by the harness, the processes and the containers of a host.
func Now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // only for a clock that does not exist
	}
	return ts.Nano()
}

// SleepUntil waits until Now reaches at; it returns ctx's error if that ends
// first.
func SleepUntil(ctx context.Context, at int64) error {
	return Sleep(ctx, time.Duration(at-Now()))
}

// Sleep waits for d or until ctx ends, and returns ctx's error.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
