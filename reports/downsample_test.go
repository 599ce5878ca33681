package reports

import (
	"slices"
	"testing"

	"squall/sim"
)

// TestThinningKeepsPeaks: a run of three hours has few points, and its one peak
// and its one dip are among them, where they were.
func TestThinningKeepsPeaks(t *testing.T) {
	const n, peak, dip = 3 * 3600, 4321, 7654
	accepted := make([]float64, n)
	p99 := make([]*float64, n)
	for i := range accepted {
		accepted[i] = 100
		p99[i] = &accepted[i]
	}
	accepted[peak], accepted[dip] = 900, 1
	p99[0], p99[1] = nil, nil
	s, seconds := thinned(sim.Series{Accepted: accepted, AcceptP99: p99, Backlog: map[string][]float64{"total": accepted}}, n)
	points := len(seconds)
	if points > mostPoints || len(s.Accepted) != points || len(s.Backlog["total"]) != points || len(s.AcceptP99) != points {
		t.Fatalf("%d seconds, %d, %d and %d values", len(seconds), len(s.Accepted), len(s.Backlog["total"]), len(s.AcceptP99))
	}
	for at, want := range map[int]float64{peak: 900, dip: 1} {
		i := slices.Index(s.Accepted, want)
		if i < 0 || seconds[i] < float64(at)-30 || seconds[i] > float64(at)+30 {
			t.Errorf("%v at second %d is point %d", want, at, i)
		}
	}
	if !slices.IsSorted(seconds) {
		t.Error("the seconds do not rise")
	}
	same, seconds := thinned(sim.Series{Accepted: accepted[:mostPoints]}, mostPoints)
	if len(seconds) != mostPoints || len(same.Accepted) != mostPoints {
		t.Error("a short run is thinned")
	}
	if gap := downsample([]*float64{nil, nil, &accepted[0]}, 2); gap[0] != nil || gap[3] == nil {
		t.Errorf("a gap: %v", gap)
	}
}
