package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MetricNames are the figures by which runs are compared, apart from the orders
// that came to harm, which are no matter of statistics.
var MetricNames = []string{
	"accept p50", "accept p99", "complete p50", "complete p99", "lag p50", "lag p99",
	"throughput", "error rate", "recovery", "CPU per order",
}

// Threshold is when a difference in one metric counts. What is nil stays as it is
// by default.
type Threshold struct {
	// Alpha is how likely a figure that did not change may be called better or worse.
	Alpha *float64 `json:"alpha,omitempty"`
	// MinEffect is the least difference that matters: a share of the base's median,
	// of requests for the error rate, and seconds for the recovery.
	MinEffect *float64 `json:"min_effect,omitempty"`
}

// Or fills in what is not set.
func (t Threshold) Or(other Threshold) Threshold {
	if t.Alpha == nil {
		t.Alpha = other.Alpha
	}
	if t.MinEffect == nil {
		t.MinEffect = other.MinEffect
	}
	return t
}

// CheckMetric is an error unless a metric has that name.
func CheckMetric(name string) error {
	if !slices.Contains(MetricNames, name) {
		return fmt.Errorf("no figure %q, expected one of %s", name, strings.Join(MetricNames, ", "))
	}
	return nil
}

// ParseAlpha reads a probability, such as 0.002 or 0.2%.
func ParseAlpha(text string) (float64, error) {
	x, err := ParseShare(text)
	if err != nil || x <= 0 || x >= 1 {
		return 0, fmt.Errorf("saw %q, expected a probability between 0 and 1", text)
	}
	return x, nil
}

// ParseMinEffect reads the least difference that matters in a metric: a duration
// for the recovery, such as 3s, and a share for all others, such as 20% or 0.2.
func ParseMinEffect(metric, text string) (float64, error) {
	if metric == "recovery" {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("saw %q, expected a duration such as 3s", text)
		}
		return d.Seconds(), nil
	}
	x, err := ParseShare(text)
	if err != nil || !(x >= 0 && x <= 1000) {
		return 0, fmt.Errorf("saw %q, expected a share such as 20%%", text)
	}
	return x, nil
}

// ParseShare reads 20% or 0.2, of any size; an error is about the form alone.
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := strconv.ParseFloat(number, 64)
	if percent {
		x /= 100
	}
	return x, err
}
