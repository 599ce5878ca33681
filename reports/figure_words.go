package reports

import (
	"fmt"

	"squall/sim"
)

// FigureWords says of a figure what its unit is and which values are better, from
// which difference on two runs differ in it, and where else it can be asked for.
func FigureWords(f sim.Figure) map[string]string {
	words := map[string]string{"unit": string(f.Kind)}
	if f.Better != "" {
		words["unit"] += fmt.Sprintf(", %s is better", f.Better)
	}
	if f.Compare != nil {
		words["compared"] = "a difference counts from " + leastEffect(f)
	}
	if f.Live {
		words["conditions"] = "steady and stop can ask for it while a trial goes"
	}
	return words
}

// leastEffect is the least difference that matters in a figure, in words.
func leastEffect(f sim.Figure) string {
	c := f.Compare
	switch {
	case c.Absolute && f.Kind == sim.KindShare:
		return fmt.Sprintf("%.3g points", 100*c.MinEffect)
	case c.Absolute:
		return fmt.Sprintf("%.3g %s", c.MinEffect, shortUnit(f.Kind))
	case c.Floor > 0:
		return fmt.Sprintf("%.3g %%, and %.3g %s", 100*c.MinEffect, c.Floor, shortUnit(f.Kind))
	}
	return fmt.Sprintf("%.3g %%", 100*c.MinEffect)
}

// shortUnit is the unit of a kind as it stands behind a number.
func shortUnit(k sim.Kind) string {
	switch k {
	case sim.KindMilliseconds:
		return "ms"
	case sim.KindSeconds:
		return "s"
	}
	return string(k)
}
