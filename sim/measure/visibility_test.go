package measure

import (
	"testing"

	"squall/sim"
	"squall/sim/record"
)

// TestVisibilityByHand: three orders, answered at 0; times in milliseconds.
//
//	a  terminal told at 50; reads at 20 (PAID), 40 (PAID), 60 and 80 (DELIVERED):
//	   visible at 61, and at 40 at the earliest
//	b  terminal told at 10; a read at 30 still shows PAID: stale by 20; at 50 it
//	   shows RESERVED, which is going back; at 70 and 90 it is there for good
//	c  not there at 10, though it was accepted; never terminal until 30
func TestVisibilityByHand(t *testing.T) {
	read := func(at int64, state sim.State) record.Read {
		return record.Read{Asked: at * ms, Answered: (at + 1) * ms, State: state}
	}
	rec := record.NewTrialRecord()
	rec.Orders = []*record.OrderRecord{
		{Requested: true, Outcome: sim.OutcomeOK, Probed: &record.Probed{
			Told:  map[sim.State]int64{sim.StatePaid: 5 * ms, sim.StateDelivered: 50 * ms},
			Reads: []record.Read{read(20, sim.StatePaid), read(40, sim.StatePaid), read(60, sim.StateDelivered), read(80, sim.StateDelivered)},
		}},
		{Requested: true, Outcome: sim.OutcomeOK, Probed: &record.Probed{
			Told:  map[sim.State]int64{sim.StateReserved: 2 * ms, sim.StatePaid: 5 * ms, sim.StateDelivered: 10 * ms},
			Reads: []record.Read{read(30, sim.StatePaid), read(50, sim.StateReserved), read(70, sim.StateDelivered), read(90, sim.StateDelivered)},
		}},
		{Requested: true, Outcome: sim.OutcomeOK, Probed: &record.Probed{
			Told:  map[sim.State]int64{},
			Reads: []record.Read{read(10, ""), read(30, sim.StateCreated)},
		}},
		{Requested: true, Outcome: sim.OutcomeOK},
		{Requested: true, Outcome: sim.OutcomeInfo, Probed: &record.Probed{ // cut before it was written
			Told: map[sim.State]int64{}, Reads: []record.Read{read(10, ""), read(30, "")},
		}},
	}
	v := visibility(rec, 20)
	if v.Orders != 3 || v.Reads != 10 || v.NonMonotonic != 1 || v.LostWrites != 1 || v.Stale != 2 {
		t.Errorf("%+v", v)
	}
	near(t, "stale age max", v.Age.Max, 45) // RESERVED at 50, PAID was told at 5
	near(t, "lag p50", v.Lag.P50, 61)       // of 31+, 61, 71: S is 1/2 at 61
	near(t, "probe error max", v.ProbeError.Max, 21)
	if v.Lag.Count != 3 || v.Lag.Censored != 1 {
		t.Errorf("lag: %+v", v.Lag)
	}
	want := map[float64]sim.CurvePoint{
		10: {FromMS: 10, Reads: 1, Fresh: 1}, // a at 60
		20: {FromMS: 20, Reads: 3, Fresh: 1}, // a at 80; b at 30 and 50
		50: {FromMS: 50, Reads: 2, Fresh: 2}, // b at 70 and 90
	}
	for _, p := range v.Curve {
		if w, ok := want[p.FromMS]; p != w && (ok || p.Reads > 0) {
			t.Errorf("t-visibility: %+v, expected %+v", p, w)
		}
	}
}
