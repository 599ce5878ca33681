package clock

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// Now returns CLOCK_MONOTONIC in nanoseconds: the one clock of a run, the same in
// the harness and in every process on its machine. It steps by a nanosecond on
// Linux and by a microsecond on macOS. Nothing is timed inside containers, which
// on macOS run in a virtual machine with a clock of its own.
func Now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // the system has no such clock
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
