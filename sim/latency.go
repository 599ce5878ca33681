package sim

// Latency is a distribution in milliseconds.
type Latency struct {
	Count  int64   `json:"count"`
	P50    float64 `json:"p50_ms"`
	P90    float64 `json:"p90_ms"`
	P99    float64 `json:"p99_ms"`
	P999   float64 `json:"p999_ms"`
	Max    float64 `json:"max_ms"`
	Mean   float64 `json:"mean_ms"`
	Packed string  `json:"hdr,omitempty"` // HdrHistogram V2, base64, microseconds
}

// Accept is what clients saw: outcomes, and answer - intended of those that
// were answered or failed.
type Accept struct {
	OK        int     `json:"ok"`
	Fail      int     `json:"fail"`
	Info      int     `json:"info"`
	ErrorRate float64 `json:"error_rate"` // (fail + info) / all
	Latency
}

// Lag is how long the services did not agree on orders.
type Lag struct {
	Convergence Convergence `json:"convergence"`
	Visibility  *Visibility `json:"visibility,omitempty"` // nil for an interval, and without probes
}

// Visibility is what reads of a sample of orders saw; sim/measure/visibility.go
// has the definitions.
type Visibility struct {
	Lag          Convergence  `json:"lag"`
	ProbeError   Latency      `json:"probe_error"` // by how much each lag may be too long
	EveryMS      float64      `json:"probe_every_ms"`
	Orders       int          `json:"orders"`
	Reads        int          `json:"reads"`
	Stale        int          `json:"stale_reads"`
	Age          Latency      `json:"stale_age"`
	NonMonotonic int          `json:"non_monotonic_reads"`
	LostWrites   int          `json:"lost_writes"` // reads that did not find an accepted order
	Curve        []CurvePoint `json:"t_visibility"`
}

// CurvePoint is the reads that were asked for between this moment after the
// terminal state was told and the next.
type CurvePoint struct {
	FromMS float64 `json:"from_ms"`
	Reads  int     `json:"reads"`
	Fresh  int     `json:"fresh"`
}

// Convergence is max(0, last commit for the order - client's answer).
type Convergence struct {
	Latency
	// Censored counts the orders that had not converged when the trial ended:
	// all that is known of them is that they took longer than until then.
	Censored int `json:"censored"`
	// CensoredPacked is the histogram of those times; Packed holds the others.
	CensoredPacked string `json:"censored_hdr,omitempty"`
	// AtLeast names the statistics that are lower bounds: so many orders never
	// converged that the true value cannot be known.
	AtLeast []Statistic `json:"at_least,omitempty"`
}
