package reports

import (
	"strings"
	"testing"

	"squall/sim"
)

// TestSameFaultTwice: faults of one kind on one target have a picture each, with
// their own figures, and a name that tells them apart.
func TestSameFaultTwice(t *testing.T) {
	interval := func(fault int, p sim.Position, p50 float64) sim.Interval {
		i := sim.Interval{Name: string(p) + " kill inventory", Fault: fault, Position: p}
		i.Lag.Convergence.Count, i.Lag.Convergence.P50, i.Lag.Convergence.P99 = 1, p50, p50
		return i
	}
	kill := func(n int) sim.FaultResult { return sim.FaultResult{Number: n, Kind: "kill", Target: "inventory"} }
	v := &sim.VariantResult{Variant: "async", Trials: []*sim.TrialResult{{
		Faults: []sim.FaultResult{kill(1), kill(2), {Number: 3, Kind: "pause", Target: "payment"}},
		Around: []sim.Interval{
			interval(1, sim.Before, 11), interval(1, sim.During, 12), interval(1, sim.After, 13),
			interval(2, sim.Before, 21), interval(2, sim.During, 22), interval(2, sim.After, 23),
			interval(3, sim.During, 32),
		},
	}}}
	faults := around([]*sim.VariantResult{v})
	want := []struct{ name, p50 string }{
		{"kill inventory (fault 1)", "11.0 ms 12.0 ms 13.0 ms"},
		{"kill inventory (fault 2)", "21.0 ms 22.0 ms 23.0 ms"},
		{"pause payment", "- 32.0 ms -"},
	}
	if len(faults) != len(want) {
		t.Fatalf("%d pictures, expected %d", len(faults), len(want))
	}
	for i, f := range faults {
		var p50 []string
		for _, r := range f.Rows {
			p50 = append(p50, r.P50)
		}
		if got := strings.Join(p50, " "); f.Name != want[i].name || got != want[i].p50 {
			t.Errorf("saw %s: %s, expected %s: %s", f.Name, got, want[i].name, want[i].p50)
		}
	}
}
