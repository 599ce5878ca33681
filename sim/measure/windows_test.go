package measure

import (
	"testing"

	"squall/sim"
	"squall/sim/record"
)

func TestWindowsByHand(t *testing.T) {
	rec := record.NewTrialRecord()
	rec.End = 1000 * ms
	steps := func(at int64, states ...sim.State) (all []record.Step) {
		for _, s := range states {
			all = append(all, record.NewStep("", s, at*ms))
		}
		return all
	}
	rec.Orders = []*record.OrderRecord{
		{ID: "paid 20 ms after the capture", CapturedAt: 100 * ms, Steps: steps(120, sim.StatePaid), ShippedAt: 130 * ms},
		{ID: "overlaps with it for 10 ms; shipped 5 ms early", CapturedAt: 110 * ms, Steps: steps(150, sim.StatePaid), ShippedAt: 145 * ms},
		{ID: "begins as the first ends", CapturedAt: 150 * ms, Steps: steps(160, sim.StatePaid)},
		{ID: "never paid", CapturedAt: 400 * ms},
		{ID: "cancelled, released 30 ms later", HeldAt: 10 * ms, Steps: steps(200, sim.StateCancelled), ReleasedAt: 230 * ms},
		{ID: "released first", HeldAt: 10 * ms, Steps: steps(200, sim.StateCancelled), ReleasedAt: 190 * ms},
		{ID: "cancelled without stock", Steps: steps(200, sim.StateCancelled)},
	}
	want := map[string]sim.Window{
		"captured-not-paid":  {Count: 4, Open: 1, LongestMS: 600, SumMS: 20 + 40 + 10 + 600, PeakAtOnce: 2},
		"held-for-cancelled": {Count: 1, LongestMS: 30, SumMS: 30, PeakAtOnce: 1},
		"shipped-not-paid":   {Count: 1, LongestMS: 5, SumMS: 5, PeakAtOnce: 1},
	}
	for _, w := range windows(rec) {
		expected := want[w.Name]
		expected.Name, expected.Means = w.Name, w.Means
		if w != expected {
			t.Errorf("%+v\nexpected %+v", w, expected)
		}
	}
}

func TestRecoveryByHand(t *testing.T) {
	p := func(values ...float64) (all []*float64) {
		for _, v := range values {
			all = append(all, &v)
		}
		return all
	}
	rec := record.NewTrialRecord()
	rec.Start = 0
	rec.Faults[1] = &record.FaultRecord{Number: 1, Injected: 4e9, Begun: 4e9, Healed: 7e9}
	sc := sim.Scenario{Faults: []sim.FaultSpec{{Kind: "kill", Target: "inventory"}}}
	// second:      0   1   2   3 |  4   5    6 | 7   8   9   10  11  12
	s := sim.Series{
		Backlog:   map[string][]float64{"total": {1, 3, 2, 1, 50, 90, 130, 80, 40, 3, 0, 0, 0}},
		AcceptP99: p(10, 12, 11, 10, 300, 400, 500, 90, 12, 70, 13, 12, 11),
	}
	r := recovery(rec, sc, s)[0]
	if r.BacklogS == nil || *r.BacklogS != 2 {
		t.Errorf("backlog: %v, expected 2 s after the heal: 3 at second 9 is what it was before", r.BacklogS)
	}
	if r.LatencyS == nil || *r.LatencyS != 3 {
		t.Errorf("latency: %v, expected 3 s after the heal: at second 8 it was well for one second only", r.LatencyS)
	}
	s.Backlog["total"] = s.Backlog["total"][:9]
	s.AcceptP99 = s.AcceptP99[:9]
	if r := recovery(rec, sc, s)[0]; r.BacklogS != nil || r.LatencyS != nil {
		t.Errorf("%+v, expected nothing: the trial ended first", r)
	}
}
