package service

import (
	"encoding/json"
	"io"
	"sync"

	"golang.org/x/sys/unix"
)

// Line is one event as the process contract has it: what happened, after the
// commit that made it so.
type Line struct {
	At      int64  `json:"at"` // CLOCK_MONOTONIC, ns
	Kind    string `json:"kind"`
	Order   string `json:"order,omitempty"`
	Message string `json:"message,omitempty"`
	SKU     int    `json:"sku,omitempty"`
	Qty     int64  `json:"qty,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// Now returns CLOCK_MONOTONIC in nanoseconds, the one clock that all processes
// of a host share.
func Now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // only for a clock that does not exist
	}
	return ts.Nano()
}

// journal writes events to the harness, each batch in one write: what was
// written before a SIGKILL is read after it.
type journal struct {
	mu sync.Mutex
	to io.Writer
}

// emit stamps the lines with the present moment and writes them.
func (j *journal) emit(lines ...Line) {
	if len(lines) == 0 || j.to == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var b []byte
	for _, l := range lines {
		l.At = Now()
		line, err := json.Marshal(l)
		if err != nil { // only strings and numbers: cannot happen
			panic(err)
		}
		b = append(append(b, line...), '\n')
	}
	// A harness that is gone reads nothing; this process ends with it.
	_, _ = j.to.Write(b)
}
