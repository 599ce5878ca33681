package main

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"squall/sim"
)

// gauge is one line of the live view: what it is called, its present value, and
// how it was for as many seconds as there is room.
type gauge struct {
	name, unit string
	values     []float64
	bad        bool // any of it is
}

// The gauges of a trial.
const (
	gaugeOffered = iota
	gaugeAccepted
	gaugeCompleted
	gaugeErrors
	gaugeBacklog
)

func newGauges() []gauge {
	return []gauge{
		{name: "offered", unit: "/s"}, {name: "accepted", unit: "/s"}, {name: "completed", unit: "/s"},
		{name: "errors", unit: "/s", bad: true}, {name: "backlog"},
	}
}

// maxKept is how many seconds a gauge keeps.
const maxKept = 400

func (g *gauge) add(v float64) {
	g.values = append(g.values, v)
	if len(g.values) > maxKept {
		g.values = g.values[1:]
	}
}

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	red   = lipgloss.NewStyle().Foreground(lipgloss.Color("9")).Bold(true)
	blue  = lipgloss.NewStyle().Foreground(lipgloss.Color("12"))
)

// liveView is what a terminal shows of a moment of the load, as lines of at most
// so many columns.
func liveView(p sim.Progress, gauges []gauge, columns int) []string {
	head := fmt.Sprintf("[%d/%d] %s", p.TrialIndex+1, p.Trials, p.Trial.Name)
	left := max(0, p.Total-p.Elapsed).Round(time.Second)
	lines := []string{
		bold.Render(head) + "  " + p.Phase + faint.Render(fmt.Sprintf("  %.0fs of %.0fs, %s left", p.Elapsed.Seconds(), p.Total.Seconds(), left)),
		phaseBar(p, min(columns, 76)),
	}
	for i, g := range gauges {
		now, style := 0.0, blue
		if len(g.values) > 0 {
			now = g.values[len(g.values)-1]
		}
		if g.bad && now > 0 || i == gaugeBacklog && growing(g.values) {
			style = red
		}
		label := fmt.Sprintf("%-9s %7.0f%-2s ", g.name, now, g.unit)
		lines = append(lines, label+style.Render(sparkline(g.values, min(columns, 76)-len(label))))
	}
	faults := faint.Render("no fault in force")
	if len(p.Faults) > 0 {
		faults = red.Render("FAULT " + strings.Join(p.Faults, ", "))
	}
	lines = append(lines, faults)
	for i, l := range lines {
		lines[i] = lipgloss.NewStyle().MaxWidth(columns).Render(l)
	}
	return lines
}

// growing reports whether a backlog has risen for five seconds on end.
func growing(v []float64) bool {
	const stretch = 5
	if len(v) <= stretch {
		return false
	}
	for i := len(v) - stretch; i < len(v); i++ {
		if v[i] <= v[i-1] {
			return false
		}
	}
	return true
}

// phaseBar shows how much of the load is over.
func phaseBar(p sim.Progress, columns int) string {
	if p.Total <= 0 || columns < 1 {
		return ""
	}
	done := min(columns, int(float64(columns)*p.Elapsed.Seconds()/p.Total.Seconds()))
	return blue.Render(strings.Repeat("━", done)) + faint.Render(strings.Repeat("━", columns-done))
}

// sparkline draws the latest values, one a column, up to the highest of them.
func sparkline(v []float64, columns int) string {
	if columns < 1 {
		return ""
	}
	v = v[max(0, len(v)-columns):]
	highest := 0.0
	for _, x := range v {
		highest = max(highest, x)
	}
	if highest == 0 {
		return strings.Repeat("▁", len(v))
	}
	steps := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, x := range v {
		b.WriteRune(steps[min(len(steps)-1, int(max(0, x)/highest*float64(len(steps)-1)+0.5))])
	}
	return b.String()
}
