package live

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
)

var styling = regexp.MustCompile("\x1b\\[[0-9;]*m")

func unstyled(s string) string { return styling.ReplaceAllString(s, "") }

// rowOf is the line of a gauge or of the names, with its styling.
func rowOf(t *testing.T, lines []string, begins string) string {
	t.Helper()
	for _, l := range lines {
		if strings.HasPrefix(unstyled(l), begins) {
			return l
		}
	}
	t.Fatalf("no line begins with %q:\n%s", begins, strings.Join(lines, "\n"))
	return ""
}

// seen is a panel whose gauges have these values, one a second.
func seen(trial string, seconds int, values ...float64) panel {
	x := panel{trial: trial, variant: trial, seconds: seconds}
	for second, v := range values {
		s := sample{second: second}
		for g := range s.values {
			s.values[g] = v
		}
		x.samples = append(x.samples, s)
	}
	return x
}

func TestSparkline(t *testing.T) {
	gap := seen("a", 5, 10, 0, 0, 10)
	gap.samples = append(gap.samples[:1], gap.samples[3])
	for _, c := range []struct {
		why     string
		panel   panel
		highest float64
		columns int
		want    string
	}{
		{"nothing yet", seen("a", 5), 0, 5, "     "},
		{"nothing but zeros", seen("a", 5, 0, 0), 0, 5, "▁▁   "},
		{"a column a second", seen("a", 5, 0, 5, 10), 10, 5, "▁▅█  "},
		{"no sample is repeated where there is room", seen("a", 3, 0, 5, 10), 10, 9, "▁▅█      "},
		{"the highest of each two seconds", seen("a", 8, 10, 2, 1, 5, 0, 0), 10, 4, "█▅▁ "},
		{"seconds that the columns do not divide", seen("a", 5, 1, 2, 3, 4, 5), 5, 3, "▄▇█"},
		{"a second that was not measured", gap, 10, 5, "█  █ "},
		{"on the scale of a higher panel", seen("a", 2, 5, 5), 10, 2, "▅▅"},
		{"no room", seen("a", 5, 1), 1, 0, ""},
		{"no load", seen("a", 0, 1), 1, 3, "   "},
	} {
		if got := sparkline(c.panel, gaugeOffered, c.highest, c.columns); got != c.want {
			t.Errorf("%s: %q, expected %q", c.why, got, c.want)
		}
	}
}

// TestSamplesAreDrawnOnce: a gauge has as many bars as there were samples, however
// wide the terminal is, or one for each column where there are more samples.
func TestSamplesAreDrawnOnce(t *testing.T) {
	for _, c := range []struct{ seconds, samples, columns, want int }{
		{30, 10, 200, 10}, {30, 30, 200, 30}, {6, 6, 79, 6}, {60, 60, 200, 60}, {600, 600, 100, 80}, {600, 300, 100, 40},
	} {
		w := watch{last: moment("async-1", time.Duration(c.seconds)*time.Second, time.Second, 20)}
		w.now = seen("async-1", c.seconds, make([]float64, c.samples)...)
		row := unstyled(rowOf(t, w.lines(c.columns, epoch), "backlog"))
		if got := strings.Count(row, "▁"); got != c.want {
			t.Errorf("%d of %d seconds in %d columns: %d bars, expected %d:\n%s", c.samples, c.seconds, c.columns, got, c.want, row)
		}
	}
}

// TestPanelsShareTheAxes: the same second of two trials stands in the same column
// of its panel, and the same height means the same value.
func TestPanelsShareTheAxes(t *testing.T) {
	w := watch{last: moment("async-1", 10*time.Second, 4*time.Second, 20)}
	other := seen("naive-1", 10, 100, 50, 0, 0, 0, 0, 0, 0, 0, 100)
	w.now, w.other = seen("async-1", 10, 50, 50, 0), &other
	lines := w.lines(79, epoch)
	row := unstyled(rowOf(t, lines, "offered"))
	if want := "offered     100/s █▅▁▁▁▁▁▁▁█         0/s ▅▅▁"; strings.TrimRight(row, " ") != want {
		t.Errorf("saw      %q\nexpected %q", row, want)
	}
	names := unstyled(rowOf(t, lines, "         "))
	if want := "                naive-1                async-1"; strings.TrimRight(names, " ") != want {
		t.Errorf("saw      %q\nexpected %q", names, want)
	}
	narrow := w.lines(twoPanels-1, epoch)
	if len(narrow) != len(lines)-1 || strings.Contains(strings.Join(narrow, "\n"), "naive-1") {
		t.Errorf("too narrow for two panels:\n%s", strings.Join(narrow, "\n"))
	}
}

func TestRed(t *testing.T) {
	rising := []float64{1, 2, 3, 4, 5, 6, 7}
	steady := []float64{3, 3, 3, 3, 3, 3, 3}
	for _, c := range []struct {
		why        string
		gauge      int
		now, other []float64
		want       [2]bool // the panel before, the panel under way
	}{
		{"a backlog that grows", gaugeBacklog, rising, steady, [2]bool{false, true}},
		{"a backlog that stays", gaugeBacklog, steady, steady, [2]bool{false, false}},
		{"a backlog that grew, in a trial that is over", gaugeBacklog, steady, rising, [2]bool{false, false}},
		{"errors now", gaugeErrors, steady, []float64{0}, [2]bool{false, true}},
		{"errors then", gaugeErrors, []float64{0}, []float64{0, 1, 0}, [2]bool{true, false}},
		{"more and more requests", gaugeOffered, rising, rising, [2]bool{false, false}},
	} {
		panels := []panel{seen("sync-1", 7, c.other...), seen("async-1", 7, c.now...)}
		line := gaugeLine(c.gauge, panels, 12)
		highest := max(panels[0].highest(c.gauge), panels[1].highest(c.gauge))
		for i, x := range panels {
			if got := strings.Contains(line, red.Render(sparkline(x, c.gauge, highest, 12))); got != c.want[i] {
				t.Errorf("%s: panel %d is red: %v, expected %v: %q", c.why, i, got, c.want[i], line)
			}
		}
	}
}

// TestLinesFit: whatever there is to show, no line is wider than the terminal, and
// there are as many lines in each step of a trial.
func TestLinesFit(t *testing.T) {
	values := make([]float64, 500)
	for i := range values {
		values[i] = float64(i * i * i)
	}
	other := seen("sync-1", 400, values...)
	w := watch{now: seen("async-1", 400, values...), other: &other}
	for _, columns := range []int{1, 20, 63, 79, 200} {
		count := 0
		for _, step := range []string{"start", "load", "drain", "audit", "stop", "done"} {
			p := moment("async-1", 400*time.Second, 10*time.Second, 20)
			p.Step, p.Phase, p.Faults = step, strings.Repeat("phase", 20), []string{"kill inventory", strings.Repeat("x", 200)}
			w.last = p
			lines := w.lines(columns, epoch)
			for _, l := range lines {
				if wide := lipgloss.Width(l); wide > columns {
					t.Errorf("%s, %d columns: a line of %d: %q", step, columns, wide, l)
				}
			}
			if count = max(count, len(lines)); len(lines) != count {
				t.Errorf("%s, %d columns: %d lines, expected %d as in the step before", step, columns, len(lines), count)
			}
		}
	}
}

// TestHeadLine: what a person reads first.
func TestHeadLine(t *testing.T) {
	for _, c := range []struct {
		step, want string
	}{
		{"start", "[1/2] async-1  about 1m0s left  starting"},
		{"load", "[1/2] async-1  about 1m0s left  storm 10s of 30s"},
		{"drain", "[1/2] async-1  about 1m0s left  draining: 3 left, 200 of 200 finished"},
		{"audit", "[1/2] async-1  about 1m0s left  reading the final records: 17"},
		{"stop", "[1/2] async-1  about 1m0s left  stopping"},
	} {
		p := moment("async-1", 30*time.Second, 10*time.Second, 20)
		p.Step, p.Audited = c.step, 17
		if got := unstyled(headLine(p, time.Minute)); got != c.want {
			t.Errorf("%s: %q, expected %q", c.step, got, c.want)
		}
	}
	if got := unstyled(headLine(moment("async-1", time.Second, time.Second, 20), 0)); strings.Contains(got, "left") {
		t.Errorf("nothing is left, and it says %q", got)
	}
}

func TestFaultsInForce(t *testing.T) {
	w := watch{last: moment("async-1", 10*time.Second, time.Second, 20), now: seen("async-1", 10, 1)}
	if last := w.lines(79, epoch)[8]; unstyled(last) != "no fault in force" {
		t.Errorf("the last line is %q", last)
	}
	w.last.Faults = []string{"kill inventory", "pause payment"}
	if last := w.lines(79, epoch)[8]; last != red.Render("FAULT kill inventory, pause payment") {
		t.Errorf("the last line is %q", last)
	}
}

func TestPhaseBar(t *testing.T) {
	p := moment("async-1", 10*time.Second, 3*time.Second, 20)
	if got := phaseBar(p, 10); got != blue.Render(strings.Repeat("━", 3))+faint.Render(strings.Repeat("━", 7)) {
		t.Errorf("3 of 10 seconds in 10 columns: %q", got)
	}
	p.Step = "drain"
	if got := unstyled(phaseBar(p, 10)); got != strings.Repeat("━", 10) {
		t.Errorf("after the load: %q", got)
	}
	if got := fmt.Sprint(phaseBar(p, 0), phaseBar(moment("async-1", 0, 0, 0), 10)); got != "" {
		t.Errorf("no room or no load: %q", got)
	}
}
