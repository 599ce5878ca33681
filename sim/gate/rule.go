package gate

import (
	"maps"

	"squall/sim"
)

// Rule is when a difference counts.
type Rule struct {
	// Metrics has what is asked of single figures, by name. It comes before what
	// the scenario asks, and that before DefaultAlpha and the figures' own least
	// effects.
	Metrics map[string]sim.Threshold
	Across  bool // compare what was not run under the same conditions

	// stricter is by how much surer than its alpha a difference must be: 0 for
	// no surer.
	stricter float64
}

// DefaultAlpha is how likely a figure that did not change may be called better or
// worse. A comparison has about twenty figures, so that one in twenty-five of a thing
// with itself would raise an alarm, and fewer do, since the effect must matter, too.
const DefaultAlpha = 0.002

// alpha and least are what is asked of one figure; the scale is what a share of
// the base is in the figure's unit.
func (r Rule) alpha(f sim.Figure) float64 {
	a := DefaultAlpha
	if t := r.Metrics[f.Name]; t.Alpha != nil {
		a = *t.Alpha
	}
	if r.stricter > 0 {
		a /= r.stricter
	}
	return a
}

func (r Rule) least(f sim.Figure, scale float64) float64 {
	if t := r.Metrics[f.Name]; t.MinEffect != nil {
		return *t.MinEffect
	}
	return max(f.Compare.MinEffect, f.Compare.Floor/scale)
}

// with returns the rule with what a scenario asks, where the rule asks for nothing
// itself.
func (r Rule) with(asked map[string]sim.Threshold) Rule {
	all := maps.Clone(asked)
	if all == nil {
		all = map[string]sim.Threshold{}
	}
	for name, t := range r.Metrics {
		all[name] = t.Or(asked[name])
	}
	r.Metrics = all
	return r
}
