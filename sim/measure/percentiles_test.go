package measure

import (
	"testing"

	"squall/sim"
)

func TestPercentiles(t *testing.T) {
	h := newHistogram()
	for ms := range int64(1000) { // 1 to 1000 ms
		h.add((ms + 1) * 1e6)
	}
	points, err := Percentiles(h.latency())
	if n := len(points); n != 31 || err != nil {
		t.Fatalf("%d points, %v; expected ten for each of three nines and the last", n, err)
	}
	for i, want := range map[int]float64{10: 900, 20: 990, 30: 1000} {
		if got := points[i].MS; got < want*0.998 || got > want*1.002 {
			t.Errorf("percentile %.2f: %.1f ms, expected %.0f", points[i].Of, got, want)
		}
	}
	for i := 1; i < len(points); i++ {
		if points[i].MS < points[i-1].MS || points[i].Odds <= points[i-1].Odds {
			t.Errorf("point %d is before point %d", i, i-1)
		}
	}
	if points, err := Percentiles(newHistogram().latency()); points != nil || err != nil {
		t.Error("points of nothing")
	}
	if points, err := Percentiles(sim.Latency{Packed: "garbage"}); points != nil || err == nil {
		t.Errorf("of what is no histogram: %d points, %v", len(points), err)
	}
}
