package measure

import (
	"testing"

	"squall/sim"
)

func TestLiveFiguresAreOfTheirStretch(t *testing.T) {
	v := NewLive()
	const s = int64(1e9)
	for i := range int64(10) { // one answer a second, each a second late; the last five failed
		outcome := sim.OutcomeOK
		if i >= 5 {
			outcome = sim.OutcomeInfo
		}
		v.Add(sim.Event{Kind: sim.ClientResponse, At: (i + 1) * s, Intended: i * s, Outcome: outcome})
		v.Add(sim.Event{Kind: sim.Gauges, At: (i + 1) * s, Values: map[string]float64{"outbox": float64(i), "parked": 1000}})
	}
	all, early, late := v.Figures(0, 11*s), v.Figures(0, 6*s), v.Figures(6*s, 11*s)
	if all.Accept.OK != 5 || all.Accept.Info != 5 || all.Accept.ErrorRate != 0.5 {
		t.Errorf("all: %+v", all.Accept)
	}
	if early.Accept.ErrorRate != 0 || late.Accept.ErrorRate != 1 {
		t.Errorf("error rates %v and %v, expected 0 and 1", early.Accept.ErrorRate, late.Accept.ErrorRate)
	}
	if p := all.Accept.P50; p < 999 || p > 1001 {
		t.Errorf("p50 %v ms, expected 1000", p)
	}
	if early.Backlog.Peak != 4 || late.Backlog.Peak != 9 {
		t.Errorf("backlogs %v and %v, expected 4 and 9: what is parked is none", early.Backlog.Peak, late.Backlog.Peak)
	}
	if r := all.Throughput.Accepted; r < 0.4 || r > 0.5 {
		t.Errorf("%v accepted a second, expected 5 in 11 s", r)
	}
}
