package sim

// Threshold is when a difference in one figure counts. What is nil stays as it is
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
