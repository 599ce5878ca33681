// Package clock is the one clock of a run, shared by the harness, the processes
// and the containers of a host: CLOCK_MONOTONIC, in nanoseconds.
package clock
