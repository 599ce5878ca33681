package sim

import "sync/atomic"

// Counters count a trial's orders while it goes.
type Counters struct {
	Offered, Accepted, Failed, Completed atomic.Int64
}

// Counts is a reading of Counters.
type Counts struct {
	Offered, Accepted, Failed, Completed int64
}

// Read returns the present counts.
func (c *Counters) Read() Counts {
	return Counts{c.Offered.Load(), c.Accepted.Load(), c.Failed.Load(), c.Completed.Load()}
}
