package reports

import (
	"fmt"
	"math"
	"strings"

	"squall/sim/gate"
)

// CalibrationText is a calibration for a terminal.
func CalibrationText(c gate.Calibration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d and %d trials of one build on this machine\n", c.Scenario, c.Repeats, c.Repeats)
	fmt.Fprintf(&b, "as they ran, in turn: %s\n", Conclusion(c.AsRun))
	fmt.Fprintf(&b, "false alarms: %.1f %% of %d comparisons of these trials, dealt out anew each time\n\n"+
		"smallest effect that %d repeats find eight times of ten:\n", 100*float64(c.Alarms)/float64(c.Resamples), c.Resamples, c.Repeats)
	for _, e := range c.Effects {
		text := fmt.Sprintf("%.0f %%", 100*e.Effect)
		if math.IsInf(e.Effect, 1) {
			text = "none of those tried (up to 200 %)"
		}
		fmt.Fprintf(&b, "  %-8s %-14s %s\n", e.Variant, e.Metric, text)
	}
	return b.String()
}
