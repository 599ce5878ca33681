package sim

import (
	"fmt"
	"time"
)

// Scenario is one storm: the load, the faults, and what is expected.
type Scenario struct {
	Name     string             `json:"name"`
	Summary  string             `json:"summary,omitempty"`
	Claim    string             `json:"claim,omitempty"`
	Seed     uint64             `json:"seed"`
	Load     Load               `json:"load"`
	Probes   Probes             `json:"probes"`
	Orders   Orders             `json:"orders"`
	Services map[string]Service `json:"services"` // every service of the pipeline, defaults filled in
	Faults   []FaultSpec        `json:"faults"`
	Variants []string           `json:"variants"`
	Repeats  int                `json:"repeats"`
	Drain    time.Duration      `json:"drain_ns"` // deadline for quiescence after the load
	Expect   []string           `json:"expect"`
	// Nodes is how many nodes the broker has; 1 unless the scenario asks for a
	// cluster.
	Nodes int `json:"broker_nodes"`
	// Steady must hold before the first fault; Stop ends the run when it holds.
	Steady []string `json:"steady,omitempty"`
	Stop   []string `json:"stop,omitempty"`
	// Compare is, by metric, when a difference from another run counts.
	Compare map[string]Threshold `json:"compare,omitempty"`
}

// Load is the traffic.
type Load struct {
	Arrivals string        `json:"arrivals"`   // "poisson" or "uniform"
	Timeout  time.Duration `json:"timeout_ns"` // of one request
	Phases   []Phase       `json:"phases"`
}

// Phase is a stretch of the load. Its rate goes from From to To in a straight
// line, both in requests per second.
type Phase struct {
	Name    string        `json:"name"`
	For     time.Duration `json:"for_ns"`
	From    float64       `json:"from_per_s"`
	To      float64       `json:"to_per_s"`
	Discard bool          `json:"discard,omitempty"` // not part of the figures (it is of the checks)
}

// Duration is the length of all phases.
func (l Load) Duration() time.Duration {
	var d time.Duration
	for _, p := range l.Phases {
		d += p.For
	}
	return d
}

// Discarded is the length of the phases at the beginning that are no part of
// the figures.
func (l Load) Discarded() (d time.Duration) {
	for _, p := range l.Phases {
		if !p.Discard {
			break
		}
		d += p.For
	}
	return d
}

// Requests is how many requests all phases are expected to hold.
func (l Load) Requests() (n float64) {
	for _, p := range l.Phases {
		n += (p.From + p.To) / 2 * p.For.Seconds()
	}
	return n
}

// PhaseAt returns the index of the phase in force at an offset from the start,
// or -1 after the last.
func (l Load) PhaseAt(at time.Duration) int {
	var end time.Duration
	for i, p := range l.Phases {
		end += p.For
		if at < end {
			return i
		}
	}
	return -1
}

// Orders says what is ordered.
type Orders struct {
	SKUs  int     `json:"skus"`
	Zipf  float64 `json:"zipf"`  // exponent of the SKUs' popularity; 0 means that all are equally popular
	Stock int64   `json:"stock"` // first stock of each SKU
}

// Service is how one service is set up, the same in every variant.
type Service struct {
	Replicas int `json:"replicas"`
	Workers  int `json:"workers"`  // orders worked on at once, per replica
	Prefetch int `json:"prefetch"` // unsettled messages at once, per replica
	// DeliveryLimit is how often one message is delivered before it is set aside.
	DeliveryLimit int           `json:"delivery_limit"`
	Work          Work          `json:"work"`
	Timeout       time.Duration `json:"timeout_ns"` // of its calls to other services
	Declines      float64       `json:"declines,omitempty"`
	Errors        float64       `json:"errors,omitempty"`
	Transit       time.Duration `json:"transit_ns,omitempty"` // from shipping to delivery
}

// Work is the time one order takes: log-normal with this median and 99th
// percentile; constant when they are equal.
type Work struct {
	Median time.Duration `json:"median_ns"`
	P99    time.Duration `json:"p99_ns"`
}

// FaultSpec is one fault as the scenario asks for it.
type FaultSpec struct {
	Kind   string         `json:"kind"`
	Group  string         `json:"group"` // of its kind
	Target string         `json:"target"`
	At     time.Duration  `json:"at_ns"`
	For    time.Duration  `json:"for_ns,omitempty"`
	Params map[string]any `json:"params,omitempty"` // by field name: time.Duration, int, float64 or string
}

// Duration returns a field's value, or missing when the scenario lacks it.
func (f FaultSpec) Duration(field string, missing time.Duration) time.Duration {
	switch d := f.Params[field].(type) {
	case time.Duration:
		return d
	case int: // read back from JSON, in nanoseconds
		return time.Duration(d)
	}
	return missing
}

// Int returns a field's value, or missing when the scenario lacks it.
func (f FaultSpec) Int(field string, missing int) int {
	if n, ok := f.Params[field].(int); ok {
		return n
	}
	return missing
}

// Float returns a field's value, or missing when the scenario lacks it.
func (f FaultSpec) Float(field string, missing float64) float64 {
	switch v := f.Params[field].(type) {
	case float64:
		return v
	case int: // read back from JSON, where whole numbers are ints
		return float64(v)
	}
	return missing
}

// Word returns a field's value, or missing when the scenario lacks it.
func (f FaultSpec) Word(field, missing string) string {
	if s, ok := f.Params[field].(string); ok {
		return s
	}
	return missing
}

func (f FaultSpec) String() string { return fmt.Sprintf("%s %s at %s", f.Kind, f.Target, f.At) }
