package live

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"squall/sim"
)

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	red   = lipgloss.NewStyle().Foreground(lipgloss.Color("9")).Bold(true)
	blue  = lipgloss.NewStyle().Foreground(lipgloss.Color("12"))
)

// The columns that the live view takes at most, that two panels need, and that
// the parts of a panel have.
const (
	liveColumns = 100
	twoPanels   = 64
	labelWidth  = 9
	valueWidth  = 9
	gapWidth    = 2
	leastSpark  = 12 // so that the name of the trial fits above
	leastBar    = 60
)

// lines is the live view: what a terminal shows of the last moment, in lines of at
// most so many columns. Beside the trial under way stands the last one of another
// variant, on the same axes. From the first moment of a trial to its last there
// are as many lines.
func (w *watch) lines(columns int, now time.Time) []string {
	wide := min(columns, liveColumns)
	panels := []panel{w.now}
	if w.other != nil && wide >= twoPanels {
		panels = []panel{*w.other, w.now}
	}
	room := (wide-labelWidth)/len(panels) - valueWidth - gapWidth
	room = min(room, max(leastSpark, w.now.seconds))
	bar := min(wide, max(leastBar, labelWidth+len(panels)*(valueWidth+room+gapWidth)-gapWidth))
	lines := []string{headLine(w.last, w.left(now)), phaseBar(w.last, bar)}
	if len(panels) > 1 {
		lines = append(lines, panelNames(panels, room))
	}
	for gauge := range gauges {
		lines = append(lines, gaugeLine(gauge, panels, room))
	}
	faults := faint.Render("no fault in force")
	if len(w.last.Faults) > 0 {
		faults = red.Render("FAULT " + strings.Join(w.last.Faults, ", "))
	}
	lines = append(lines, faults)
	for i, l := range lines {
		lines[i] = fit(l, columns)
	}
	return lines
}

// fit cuts a line to so many columns.
func fit(line string, columns int) string {
	return lipgloss.NewStyle().MaxWidth(columns).MaxHeight(1).Render(line)
}

func headLine(p sim.Progress, left time.Duration) string {
	head := bold.Render(fmt.Sprintf("[%d/%d] %s", p.TrialIndex+1, p.Trials, p.Trial.Name)) + "  "
	if left > 0 {
		head += faint.Render(fmt.Sprintf("about %s left  ", left.Round(time.Second)))
	}
	if p.Step == "load" {
		return head + p.Phase + faint.Render(fmt.Sprintf(" %.0fs of %.0fs", p.Elapsed.Seconds(), p.Total.Seconds()))
	}
	return head + stepText(p)
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

// panelNames is the line above the gauges that names the trials.
func panelNames(panels []panel, room int) string {
	line := strings.Repeat(" ", labelWidth)
	for i, x := range panels {
		style := bold
		if i < len(panels)-1 {
			style = faint
		}
		name := fmt.Sprintf("%*s%s", valueWidth-2, "", x.trial)
		line += style.Render(fmt.Sprintf("%-*s", valueWidth+room+gapWidth, name))
	}
	return line
}

// gaugeLine is a gauge of each panel, all on one scale. Errors are red, and so is
// a backlog that grows.
func gaugeLine(gauge int, panels []panel, room int) string {
	line := fmt.Sprintf("%-*s", labelWidth, gaugeLabels[gauge].name)
	highest := 0.0
	for _, x := range panels {
		highest = max(highest, x.highest(gauge))
	}
	for n, x := range panels {
		underWay := n == len(panels)-1
		style := blue
		switch {
		case gauge == gaugeErrors && x.highest(gauge) > 0, gauge == gaugeBacklog && underWay && growing(x.values(gauge)):
			style = red
		case !underWay:
			style = faint
		}
		value, unit := "-", ""
		if len(x.samples) > 0 {
			value, unit = fmt.Sprintf("%.0f", x.samples[len(x.samples)-1].values[gauge]), gaugeLabels[gauge].unit
		}
		line += fmt.Sprintf("%*s%-2s ", valueWidth-3, value, unit)
		line += style.Render(sparkline(x, gauge, highest, room)) + strings.Repeat(" ", gapWidth)
	}
	return line
}

// bars are the heights of a column, from the lowest to the highest.
var bars = []rune("▁▂▃▄▅▆▇█")

// sparkline draws a gauge over the whole of the load. There is a column for each
// second; where there are more seconds than columns, a column stands for several
// and shows the highest of their samples. Each sample is in one column only, and
// a column without a sample is empty: it is still to come, or nothing was
// measured. What is left of the columns is filled with spaces.
func sparkline(x panel, gauge int, highest float64, columns int) string {
	used := min(columns, x.seconds)
	cells := make([]float64, max(0, columns))
	for i := range cells {
		cells[i] = -1
	}
	for _, s := range x.samples {
		if used > 0 {
			at := min(used-1, s.second*used/x.seconds)
			cells[at] = max(cells[at], s.values[gauge])
		}
	}
	var b strings.Builder
	for _, v := range cells {
		switch {
		case v < 0:
			b.WriteRune(' ')
		case highest <= 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[min(len(bars)-1, int(v/highest*float64(len(bars)-1)+0.5))])
		}
	}
	return b.String()
}
