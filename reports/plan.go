package reports

import (
	"fmt"
	"strings"
	"time"

	"squall/sim"
)

// The size of the chart that squall plan draws, in characters.
const (
	planColumns = 72
	planRows    = 8
)

// PlanChart draws a scenario as text: requests per second over the time of the
// load, and below that the phases and the faults. It is "" for a scenario without
// load.
func PlanChart(sc sim.Scenario) string {
	total := sc.Load.Duration()
	if total <= 0 {
		return ""
	}
	rates := make([]float64, planColumns)
	peak := 0.0
	for i := range rates {
		rates[i] = rateAt(sc.Load, total*time.Duration(2*i+1)/(2*planColumns))
		peak = max(peak, rates[i])
	}
	var b strings.Builder
	for level := planRows; level >= 1; level-- {
		label := ""
		if level == planRows {
			label = fmt.Sprintf("%.0f/s", peak)
		}
		fmt.Fprintf(&b, "%7s ", label)
		for _, r := range rates {
			b.WriteRune(block(r/max(peak, 1e-9)*planRows - float64(level-1)))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%7s %s\n", "", phaseNames(sc.Load, total))
	for _, f := range sc.Faults {
		at := int(int64(planColumns) * int64(f.At) / int64(total))
		fmt.Fprintf(&b, "%7s %s^ %s %s\n", "", strings.Repeat(" ", at), f.Kind, f.Target)
	}
	fmt.Fprintf(&b, "%7s 0s%*s\n", "", planColumns-2, total)
	return b.String()
}

// block is a character that is filled from below, by a share from 0 to 1.
func block(filled float64) rune {
	eighths := []rune(" ▁▂▃▄▅▆▇█")
	return eighths[int(min(max(filled, 0), 1)*8)]
}

// rateAt is the planned requests per second at a moment of the load.
func rateAt(l sim.Load, at time.Duration) float64 {
	var start time.Duration
	for _, p := range l.Phases {
		if at < start+p.For {
			return p.From + (p.To-p.From)*float64(at-start)/float64(p.For)
		}
		start += p.For
	}
	return 0
}

// phaseNames is a line with each phase's name below where the phase begins, cut
// off where the next one begins.
func phaseNames(l sim.Load, total time.Duration) string {
	line := []rune(strings.Repeat(" ", planColumns))
	var start time.Duration
	for _, p := range l.Phases {
		from := int(int64(planColumns) * int64(start) / int64(total))
		to := int(int64(planColumns) * int64(start+p.For) / int64(total))
		for i, r := range []rune("|" + p.Name) {
			if from+i < to {
				line[from+i] = r
			}
		}
		start += p.For
	}
	return string(line)
}
