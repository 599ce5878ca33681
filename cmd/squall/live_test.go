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
	gauges := newGauges()
	for i := range maxKept + 50 {
		for g := range gauges {
			gauges[g].add(float64(i * g))
		}
	}
	p := sim.Progress{
		Trial: sim.TrialInfo{Name: "async-1"}, Trials: 12, Step: "load", Phase: strings.Repeat("phase", 20),
		Elapsed: 10 * time.Second, Total: 30 * time.Second, Faults: []string{"kill inventory", strings.Repeat("x", 200)},
	}
	for _, columns := range []int{20, 79, 200} {
		for _, line := range liveView(p, gauges, columns) {
			if w := lipgloss.Width(line); w > columns {
				t.Errorf("%d columns: a line of %d: %q", columns, w, line)
			}
		}
	}
	if len(gauges[gaugeOffered].values) != maxKept {
		t.Errorf("%d values are kept", len(gauges[gaugeOffered].values))
	}
}

func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		columns int
		want    string
	}{
		{nil, 5, ""}, {[]float64{0, 0}, 5, "▁▁"}, {[]float64{0, 5, 10}, 5, "▁▅█"}, {[]float64{10, 10, 0, 10}, 2, "▁█"}, {[]float64{1}, 0, ""},
	} {
		if got := sparkline(c.values, c.columns); got != c.want {
			t.Errorf("%v in %d columns: %q, expected %q", c.values, c.columns, got, c.want)
		}
	}
	if growing([]float64{1, 2, 3, 4, 5}) || !growing([]float64{1, 2, 3, 4, 5, 6}) || growing([]float64{1, 2, 3, 3, 5, 6}) {
		t.Error("growing")
	}
}
