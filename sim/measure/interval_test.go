package measure

import (
	"testing"
	"time"

	"squall/sim"
	"squall/sim/record"
)

// TestSameFaultTwice: two faults of one kind on one target, at 1 s and at 2.5 s,
// have intervals of their own, which their numbers tell apart.
func TestSameFaultTwice(t *testing.T) {
	const second = int64(time.Second)
	kill := sim.FaultSpec{Kind: "kill", Target: "inventory"}
	sc := sim.Scenario{
		Load:   sim.Load{Phases: []sim.Phase{{Name: "all", For: 4 * time.Second, From: 2, To: 2}}},
		Faults: []sim.FaultSpec{kill, kill},
	}
	rec := record.NewTrialRecord()
	rec.Add(sim.Event{Kind: sim.TrialStart, At: 0})
	for i, at := range []int64{second, 5 * second / 2} {
		rec.Add(sim.Event{Kind: sim.FaultInjected, Fault: i + 1, Planned: at, Sent: at, At: at + 1})
		rec.Add(sim.Event{Kind: sim.FaultHealed, Fault: i + 1, At: at + second})
	}
	for i, due := range []int64{500, 1200, 1800, 2600} { // of the first fault: before, during, during, after
		rec.Add(sim.Event{
			Kind: sim.ClientResponse, Order: sim.OrderID(i), Intended: due * ms, Sent: due * ms, At: (due + 1) * ms,
			Status: 202, Outcome: sim.OutcomeOK,
		})
	}
	rec.Add(sim.Event{Kind: sim.TrialEnd, At: 4 * second})
	rec.Finish()
	r := Trial("async-1", sc, rec, sim.Audit{Verdict: sim.Pass})
	want := []struct {
		fault    int
		position sim.Position
		name     string
		from, to float64
		requests int
	}{
		{1, sim.Before, "before kill inventory", 0, 1, 1},
		{1, sim.During, "during kill inventory", 1, 2, 2},
		{1, sim.After, "after kill inventory", 2, 4, 1},
		{2, sim.Before, "before kill inventory", 0, 2.5, 3},
		{2, sim.During, "during kill inventory", 2.5, 3.5, 1},
		{2, sim.After, "after kill inventory", 3.5, 4, 0},
	}
	if len(r.Around) != len(want) {
		t.Fatalf("%d intervals, expected %d", len(r.Around), len(want))
	}
	for i, w := range want {
		got := r.Around[i]
		if got.Fault != w.fault || got.Position != w.position || got.Name != w.name ||
			got.From != w.from || got.To != w.to || got.Accept.OK != w.requests {
			t.Errorf("interval %d: %+v, expected %+v", i, got, w)
		}
	}
	if p := r.Phases[0]; p.Fault != 0 || p.Position != "" {
		t.Errorf("a phase is %s fault %d", p.Position, p.Fault)
	}
}
