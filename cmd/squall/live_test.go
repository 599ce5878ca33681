package main

import (
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"squall/sim"
)

// TestLiveViewFits: whatever there is to show, no line is wider than the
// terminal, so that none is broken into two.
func TestLiveViewFits(t *testing.T) {
	fill := func(name string) panel {
		x := panel{trial: name, gauges: newGauges()}
		for i := range 500 {
			for g := range x.gauges {
				x.gauges[g].add(float64(i)/400, float64(i*g))
			}
		}
		return x
	}
	now, other := fill("async-1"), fill("sync-1")
	for _, step := range []string{"load", "drain", "audit", "stop"} {
		p := sim.Progress{
			Trial: sim.TrialInfo{Name: "async-1"}, Trials: 12, Step: step, Phase: strings.Repeat("phase", 20),
			Elapsed: 10 * time.Second, Total: 30 * time.Second, Faults: []string{"kill inventory", strings.Repeat("x", 200)},
		}
		for _, columns := range []int{1, 20, 63, 79, 200} {
			for _, line := range liveView(p, now, &other, time.Minute, columns) {
				if w := lipgloss.Width(line); w > columns {
					t.Errorf("%d columns: a line of %d: %q", columns, w, line)
				}
			}
		}
		both := strings.Join(liveView(p, now, &other, time.Minute, 79), "\n")
		if !strings.Contains(both, "sync-1") || !strings.Contains(both, "1m0s left") {
			t.Errorf("%s: the other variant or the time left is not shown:\n%s", step, both)
		}
	}
}

func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		points  []point
		highest float64
		columns int
		want    string
	}{
		{nil, 0, 5, "     "},
		{[]point{{0, 0}, {0.2, 0}}, 0, 5, "▁▁   "},
		{[]point{{0, 0}, {0.2, 5}, {0.4, 10}}, 10, 5, "▁▅█  "},
		{[]point{{0, 10}, {0.1, 2}, {0.5, 5}}, 10, 4, "████"[:6] + "▅ "}, // the highest of a column; a gap repeats
		{[]point{{0, 1}, {2, 1}}, 1, 3, "███"},                           // past the end of the load
		{[]point{{0, 1}}, 1, 0, ""},
	} {
		if got := sparkline(c.points, c.highest, c.columns); got != c.want {
			t.Errorf("%v in %d columns: %q, expected %q", c.points, c.columns, got, c.want)
		}
	}
	rising := func(values ...float64) (p []point) {
		for _, v := range values {
			p = append(p, point{0, v})
		}
		return p
	}
	if growing(rising(1, 2, 3, 4, 5)) || !growing(rising(1, 2, 3, 4, 5, 6)) || growing(rising(1, 2, 3, 3, 5, 6)) {
		t.Error("growing")
	}
}
