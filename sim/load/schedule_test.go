package load

import (
	"testing"

	"squall/sim"
)

func TestScheduleIsTheSameForASeed(t *testing.T) {
	sc := sim.Scenario{
		Seed: 7, Orders: sim.Orders{SKUs: 10, Zipf: 1},
		Load: sim.Load{Arrivals: "poisson", Phases: []sim.Phase{{For: 10e9, From: 50, To: 150}}},
	}
	a, b := NewSchedule(sc), NewSchedule(sc)
	if a.Digest() != b.Digest() {
		t.Fatal("two schedules of one seed differ")
	}
	sc.Seed = 8
	if a.Digest() == NewSchedule(sc).Digest() {
		t.Fatal("schedules of two seeds are the same")
	}
	if n := len(a.At); n < 850 || n > 1150 { // 1000 expected, standard deviation 32
		t.Fatalf("a ramp from 50/s to 150/s over 10 s gave %d requests, expected about 1000", n)
	}
}

func TestUniformRampIsExact(t *testing.T) {
	phases := []sim.Phase{{For: 10e9, From: 0, To: 100}, {For: 5e9, From: 100, To: 100}}
	sc := sim.Scenario{Load: sim.Load{Arrivals: "uniform", Phases: phases}, Orders: sim.Orders{SKUs: 1}}
	s := NewSchedule(sc)
	if len(s.At) != 1000 {
		t.Fatalf("%d requests, expected 500 + 500", len(s.At))
	}
	half := 0
	for i, at := range s.At {
		if at < 5e9 {
			half++
		}
		if i > 0 && at < s.At[i-1] {
			t.Fatalf("request %d is due before the one before it", i)
		}
	}
	if half != 125 { // the integral of 10 t from 0 to 5
		t.Errorf("%d requests in the first half of the ramp, expected 125", half)
	}
}

func BenchmarkSchedule(b *testing.B) {
	sc := sim.Scenario{
		Load:   sim.Load{Arrivals: "poisson", Phases: []sim.Phase{{For: 100e9, From: 1000, To: 1000}}},
		Orders: sim.Orders{SKUs: 500, Zipf: 1.1},
	}
	for b.Loop() {
		NewSchedule(sc)
	}
	b.ReportMetric(float64(100_000*b.N)/b.Elapsed().Seconds(), "requests/s")
}
