package main

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"squall/sim"
)

// gauge is a figure of the live view. Its values are by the time at which they
// were taken, as a share of the whole load: two trials can be laid side by side.
type gauge struct {
	name, unit string
	points     []point
	bad        bool // any of it is
}

type point struct{ at, value float64 }

// The gauges of a trial.
const (
	gaugeOffered = iota
	gaugeAccepted
	gaugeCompleted
	gaugeP99
	gaugeErrors
	gaugeBacklog
)

func newGauges() []gauge {
	return []gauge{
		{name: "offered", unit: "/s"}, {name: "accepted", unit: "/s"}, {name: "completed", unit: "/s"},
		{name: "p99", unit: "ms"}, {name: "errors", unit: "/s", bad: true}, {name: "backlog"},
	}
}

func (g *gauge) add(at, value float64) { g.points = append(g.points, point{at, value}) }

func (g *gauge) now() float64 {
	if len(g.points) == 0 {
		return 0
	}
	return g.points[len(g.points)-1].value
}

func (g *gauge) highest() (most float64) {
	for _, p := range g.points {
		most = max(most, p.value)
	}
	return most
}

// panel is a trial in the live view: the one under way, or the last one of
// another variant.
type panel struct {
	trial, variant string
	gauges         []gauge
}

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	red   = lipgloss.NewStyle().Foreground(lipgloss.Color("9")).Bold(true)
	blue  = lipgloss.NewStyle().Foreground(lipgloss.Color("12"))
)

// The room that the live view takes at most, and the least that two panels need.
const (
	liveColumns = 100
	twoPanels   = 64
	labelWidth  = 9
	valueWidth  = 9
)

// liveView is what a terminal shows of a moment of a trial, as lines of at most so
// many columns. Beside the trial under way stands the last one of another
// variant, on the same axes.
func liveView(p sim.Progress, now panel, other *panel, left time.Duration, columns int) []string {
	wide := min(columns, liveColumns)
	panels := []panel{now}
	if other != nil && wide >= twoPanels {
		panels = []panel{*other, now}
	}
	room := (wide-labelWidth)/len(panels) - valueWidth - 2
	lines := []string{headLine(p, left), phaseBar(p, wide)}
	if len(panels) > 1 {
		names := strings.Repeat(" ", labelWidth)
		for i, x := range panels {
			style := bold
			if i == 0 {
				style = faint
			}
			names += style.Render(fmt.Sprintf("%-*s", room+valueWidth+2, strings.Repeat(" ", valueWidth-2)+x.trial))
		}
		lines = append(lines, names)
	}
	for i := range now.gauges {
		line := fmt.Sprintf("%-*s", labelWidth, now.gauges[i].name)
		highest := 0.0
		for _, x := range panels {
			highest = max(highest, x.gauges[i].highest())
		}
		for n, x := range panels {
			g := x.gauges[i]
			style := blue
			switch {
			case g.bad && g.highest() > 0, i == gaugeBacklog && n == len(panels)-1 && growing(g.points):
				style = red
			case n < len(panels)-1:
				style = faint
			}
			line += fmt.Sprintf("%*.0f%-2s ", valueWidth-3, g.now(), g.unit) + style.Render(sparkline(g.points, highest, room)) + "  "
		}
		lines = append(lines, line)
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

func headLine(p sim.Progress, left time.Duration) string {
	head := bold.Render(fmt.Sprintf("[%d/%d] %s", p.TrialIndex+1, p.Trials, p.Trial.Name)) + "  "
	if left > 0 {
		head += faint.Render(fmt.Sprintf("about %s left  ", left.Round(time.Second)))
	}
	switch p.Step {
	case "load":
		return head + p.Phase + faint.Render(fmt.Sprintf(" %.0fs of %.0fs", p.Elapsed.Seconds(), p.Total.Seconds()))
	case "drain":
		return head + fmt.Sprintf("draining: %.0f left, %d of %d finished", p.Backlog, p.Counts.Completed, p.Counts.Accepted)
	case "audit":
		return head + fmt.Sprintf("audit: %d final records", p.Audited)
	}
	return head + p.Step
}

// growing reports whether a backlog has risen for five seconds on end.
func growing(v []point) bool {
	const stretch = 5
	if len(v) <= stretch {
		return false
	}
	for i := len(v) - stretch; i < len(v); i++ {
		if v[i].value <= v[i-1].value {
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
	done := columns
	if p.Step == "load" || p.Step == "start" {
		done = min(columns, int(float64(columns)*p.Elapsed.Seconds()/p.Total.Seconds()))
	}
	return blue.Render(strings.Repeat("━", done)) + faint.Render(strings.Repeat("━", columns-done))
}

// sparkline draws values over the whole of the load, the highest of each column;
// what is still to come stays empty.
func sparkline(points []point, highest float64, columns int) string {
	if columns < 1 {
		return ""
	}
	cells := make([]float64, columns)
	for i := range cells {
		cells[i] = -1
	}
	last, before := -1, 0.0
	for _, p := range points {
		at := min(columns-1, max(0, int(p.at*float64(columns))))
		for i := last + 1; i < at; i++ { // wider than what there is to show
			cells[i] = before
		}
		cells[at] = max(cells[at], p.value)
		last, before = at, cells[at]
	}
	steps := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range cells {
		switch {
		case v < 0:
			b.WriteRune(' ')
		case highest == 0:
			b.WriteRune(steps[0])
		default:
			b.WriteRune(steps[min(len(steps)-1, int(v/highest*float64(len(steps)-1)+0.5))])
		}
	}
	return b.String()
}
