package gate

import (
	"math"
	"slices"

	"squall/sim"
)

// Metric is a figure of a trial by which runs are compared.
type Metric struct {
	Name   string
	Unit   string // as the Go benchmark format has it
	Higher bool   // more is better
	// MinEffect is the least difference that matters: a share of the base's
	// median, or, where Absolute is set, in the figure's own unit.
	MinEffect float64
	Absolute  bool
	// Floor is a difference in the figure's own unit that is too small to matter,
	// whatever its share: a latency of 1.2 ms that was 1 ms is no regression.
	Floor float64
	// Value is the figure in one trial, NaN where there is none; a figure that is
	// only a lower bound is none.
	Value func(*sim.TrialResult) float64
}

// Metrics are all of them, in the order in which they are shown.
var Metrics = []Metric{
	{Name: "accept p50", Unit: "accept-p50-ms", MinEffect: 0.10, Floor: 1, Value: func(t *sim.TrialResult) float64 { return measured(t.Accept.Latency, t.Accept.P50) }},
	{Name: "accept p99", Unit: "accept-p99-ms", MinEffect: 0.15, Floor: 1, Value: func(t *sim.TrialResult) float64 { return measured(t.Accept.Latency, t.Accept.P99) }},
	{Name: "complete p50", Unit: "complete-p50-ms", MinEffect: 0.10, Floor: 1, Value: func(t *sim.TrialResult) float64 { return measured(t.Complete, t.Complete.P50) }},
	{Name: "complete p99", Unit: "complete-p99-ms", MinEffect: 0.15, Floor: 1, Value: func(t *sim.TrialResult) float64 { return measured(t.Complete, t.Complete.P99) }},
	{Name: "lag p50", Unit: "lag-p50-ms", MinEffect: 0.10, Floor: 1, Value: func(t *sim.TrialResult) float64 { return bounded(t.Lag.Convergence, "p50", t.Lag.Convergence.P50) }},
	{Name: "lag p99", Unit: "lag-p99-ms", MinEffect: 0.15, Floor: 1, Value: func(t *sim.TrialResult) float64 { return bounded(t.Lag.Convergence, "p99", t.Lag.Convergence.P99) }},
	{Name: "throughput", Unit: "completed/s", Higher: true, MinEffect: 0.03, Value: func(t *sim.TrialResult) float64 { return t.Throughput.Completed }},
	{Name: "error rate", Unit: "error-rate", MinEffect: 0.005, Absolute: true, Value: func(t *sim.TrialResult) float64 { return t.Accept.ErrorRate }},
	{Name: "recovery", Unit: "recovery-s", MinEffect: 2, Absolute: true, Value: recovery},
	{Name: "CPU per order", Unit: "cpu-ms/order", MinEffect: 0.10, Value: func(t *sim.TrialResult) float64 { return t.Resources.CPUMSPerCompletion }},
	{Name: "violations", Unit: "violations", MinEffect: 0, Absolute: true, Value: func(t *sim.TrialResult) float64 { return float64(t.Audit.Violations) }},
}

func measured(l sim.Latency, v float64) float64 {
	if l.Count == 0 {
		return math.NaN()
	}
	return v
}

func bounded(c sim.Convergence, name string, v float64) float64 {
	if slices.Contains(c.AtLeast, name) {
		return math.NaN()
	}
	return measured(c.Latency, v)
}

// recovery is the longest of a trial's recoveries; NaN without a fault, and where
// the trial ended before one.
func recovery(t *sim.TrialResult) float64 {
	longest := math.NaN()
	for _, r := range t.Recovery {
		for _, s := range []*float64{r.BacklogS, r.LatencyS} {
			if s == nil {
				return math.NaN()
			}
			if math.IsNaN(longest) || *s > longest {
				longest = *s
			}
		}
	}
	return longest
}
