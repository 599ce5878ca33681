package measure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/record"
)

const ms = int64(time.Millisecond)

// story is a trial of four requests over two seconds, worked out by hand.
//
//	a  due 0, answered 10 ms, delivered 110 ms           accept 10, complete 110, lag 100
//	b  due 500, sent 520, answered 540, delivered 530    accept 40, complete 30, lag 0: done before the answer
//	c  due 1000, cut at 1200 after it was created        info; half done until the end at 5000: lag 3800, censored
//	d  due 1500, refused                                 fail; no effect, no lag
func story() (sim.Scenario, *record.TrialRecord) {
	sc := sim.Scenario{
		Load:   sim.Load{Phases: []sim.Phase{{Name: "one", For: 1e9, From: 2, To: 2}, {Name: "two", For: 1e9, From: 2, To: 2}}},
		Faults: []sim.FaultSpec{{Kind: "kill", Target: "inventory", At: 1e9}},
	}
	rec := record.NewTrialRecord()
	start := int64(1e12)
	response := func(order string, due, sent, at int64, status int, outcome sim.Outcome) sim.Event {
		return sim.Event{
			Kind: sim.ClientResponse, Src: "client", Order: order, Intended: start + due*ms, Sent: start + sent*ms, At: start + at*ms,
			Status: status, Outcome: outcome,
		}
	}
	for _, e := range []sim.Event{
		{Kind: sim.TrialStart, At: start},
		response("a", 0, 1, 10, 202, sim.OutcomeOK),
		{Kind: sim.OrderDelivered, Src: "orders-1", Order: "a", At: start + 110*ms},
		{Kind: sim.OrderDelivered, Src: "orders-1", Order: "b", At: start + 530*ms},
		response("b", 500, 520, 540, 201, sim.OutcomeOK),
		{Kind: sim.FaultInjected, Fault: 1, Planned: start + 1000*ms, At: start + 1003*ms, Sent: start + 1002*ms},
		response("c", 1000, 1000, 1200, 0, sim.OutcomeInfo),
		response("d", 1500, 1500, 1501, 0, sim.OutcomeFail),
		{Kind: sim.FaultHealed, Fault: 1, At: start + 1400*ms},
		{Kind: sim.FaultEvidence, Fault: 1, Verdict: sim.Pass, Detail: "reaped"},
		{Kind: sim.LoadReport, At: start + 1600*ms, Values: map[string]float64{"planned": 4, "sent": 4}},
		{Kind: sim.DrainDone, At: start + 4000*ms}, {Kind: sim.AuditDone, At: start + 4500*ms},
		{Kind: sim.TrialEnd, At: start + 5000*ms},
	} {
		rec.Add(e)
	}
	for _, e := range []sim.Event{
		{Kind: sim.AuditOrder, Order: "a", To: "DELIVERED", At: start + 5*ms},
		{Kind: sim.AuditOrder, Order: "b", To: "DELIVERED", At: start + 525*ms},
		{Kind: sim.AuditOrder, Order: "c", To: "CREATED", At: start + 1005*ms},
	} {
		rec.AddAudit(e)
	}
	rec.Finish()
	return sc, rec
}

// near allows for the histogram's three significant figures.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.002*math.Abs(want)+1e-9 {
		t.Errorf("%s: %g, expected %g", what, got, want)
	}
}

func TestTrialByHand(t *testing.T) {
	sc, rec := story()
	r := Trial("async-1", sc, rec, sim.Audit{Verdict: sim.Pass})
	if r.Doubtful || len(r.Reasons) > 0 {
		t.Fatalf("in doubt: %v", r.Reasons)
	}
	near(t, "accept max", r.Accept.Max, 200)
	near(t, "accept p50", r.Accept.P50, 10) // of 1, 10, 40 and 200 ms
	near(t, "service max", r.Service.Max, 200)
	near(t, "errors", r.Accept.ErrorRate, 0.5)
	near(t, "complete p50", r.Complete.P50, 30)
	near(t, "complete max", r.Complete.Max, 110)
	lag := r.Lag.Convergence
	near(t, "lag count", float64(lag.Count), 3)
	near(t, "lag p50", lag.P50, 100)
	near(t, "lag max", lag.Max, 3800)
	if lag.Censored != 1 {
		t.Errorf("%d censored, expected 1", lag.Censored)
	}
	near(t, "offered", r.Throughput.Offered, 2)
	near(t, "accepted", r.Throughput.Accepted, 1)
	near(t, "completed", r.Throughput.Completed, 1)
	if r.Phases[0].Accept.OK != 2 || r.Phases[1].Accept.Info != 1 || r.Phases[1].Accept.Fail != 1 {
		t.Errorf("phases: %+v", r.Phases)
	}
	during := r.Around[1]
	if during.Name != "during kill inventory" || during.Accept.Fail != 0 || during.From != 1.002 || during.To != 1.4 {
		t.Errorf("during the fault: %+v", during)
	}
	near(t, "the fault's deviation", r.Faults[0].DelayMS, 2)
}

// A reading stands for the time since the one before it: a late one leaves no
// hole, and does not look like a burst.
func TestSamplesStandForTheTimeBeforeThem(t *testing.T) {
	rec := record.NewTrialRecord()
	rec.Add(sim.Event{Kind: sim.TrialStart, At: 1e9})
	for at, cpu := range map[int64]float64{0: 1, 1: 1.5, 4: 3} { // seconds after the start
		rec.Add(sim.Event{Kind: sim.ResourceSample, Src: "broker", At: 1e9 + at*1e9, Values: map[string]float64{"cpu_s": cpu}})
	}
	rec.Add(sim.Event{Kind: sim.Gauges, Src: "harness", At: 1e9, Values: map[string]float64{"outbox": 3, "parked": 1}})
	rec.Add(sim.Event{Kind: sim.Gauges, Src: "harness", At: 4e9, Values: map[string]float64{"outbox": 5, "parked": 1}})
	slices.SortFunc(rec.Series, func(a, b sim.Event) int { return cmp.Compare(a.At, b.At) })
	s := series(rec)
	if got := fmt.Sprint(s.CPU["broker"]); got != "[0 0.5 0.5 0.5 0.5]" {
		t.Errorf("CPU by second: %s", got)
	}
	if got := fmt.Sprint(s.Backlog["total"]); got != "[3 5 5 5 0]" {
		t.Errorf("backlog by second: %s", got)
	}
}

func TestWhatMakesATrialDoubtful(t *testing.T) {
	for _, c := range []struct {
		why   string
		spoil func(*record.TrialRecord)
		kind  sim.ReasonKind
		want  string
	}{
		{"a request was not sent", func(rec *record.TrialRecord) { rec.Load["unsent"] = 1 }, sim.ReasonLoad, "the generator missed its schedule"},
		{"too many were late", func(rec *record.TrialRecord) { rec.Load["late"] = 1 }, sim.ReasonLoad, "the generator missed its schedule"},
		{"nobody knows", func(rec *record.TrialRecord) { clear(rec.Load) }, sim.ReasonLoad, "does not say whether the generator"},
		{"a death nobody asked for", func(rec *record.TrialRecord) {
			rec.Deaths = append(rec.Deaths, sim.Event{Detail: "orders-1 ended by itself"})
		}, sim.ReasonDeath, "orders-1 ended by itself"},
		{"the history's own trouble", func(rec *record.TrialRecord) {
			rec.Trouble = append(rec.Trouble, sim.Reason{Kind: sim.ReasonHistory, Text: "it breaks off"})
		}, sim.ReasonHistory, "it breaks off"},
	} {
		sc, rec := story()
		c.spoil(rec)
		r := Trial("async-1", sc, rec, sim.Audit{Verdict: sim.Pass})
		if !r.Doubtful || r.Verdict != sim.Unknown || len(r.Reasons) != 1 ||
			r.Reasons[0].Kind != c.kind || !strings.Contains(r.Reasons[0].Text, c.want) {
			t.Errorf("%s: doubtful %v, verdict %s, reasons %q", c.why, r.Doubtful, r.Verdict, r.Reasons)
		}
	}
}

// Distributions add up as distributions, not as averages of quantiles.
func TestVariantMergesHistograms(t *testing.T) {
	trial := func(name string, latencies ...int64) *sim.TrialResult {
		h := newHistogram()
		for _, v := range latencies {
			h.add(v * ms)
		}
		return &sim.TrialResult{Trial: name, Verdict: sim.Pass, Accept: sim.Accept{OK: len(latencies), Latency: h.latency()}}
	}
	v := Variant("async", []*sim.TrialResult{trial("async-1", 1, 2, 3, 4), trial("async-2", 100)})
	near(t, "p50", v.Accept.P50, 3)
	near(t, "max", v.Accept.Max, 100)
	if v.Accept.OK != 5 || v.Accept.Count != 5 {
		t.Errorf("%+v", v.Accept)
	}
}

func BenchmarkTrial(b *testing.B) {
	sc, rec := story()
	for i := range 100_000 {
		at := rec.Start + int64(i)*int64(10*time.Microsecond)
		rec.Orders = append(rec.Orders, &record.OrderRecord{
			Requested: true, Intended: at, Sent: at, Answered: at + 5*ms, Outcome: sim.OutcomeOK,
			Created: at, LastCommit: at + 20*ms, TerminalAt: at + 20*ms, State: sim.StateDelivered,
		})
	}
	for b.Loop() {
		Trial("async-1", sc, rec, sim.Audit{Verdict: sim.Pass})
	}
}

// TestFailedReadingsAreTold: they leave the trial's figures without doubt, since
// only the use of resources rests on them.
func TestFailedReadingsAreTold(t *testing.T) {
	missed := func(src string, n float64) sim.Event {
		return sim.Event{Src: src, Kind: sim.ResourcesMissed, Values: map[string]float64{"readings": n}}
	}
	sc, rec := story()
	for _, e := range []sim.Event{
		{Src: "broker", Kind: sim.ResourcesFailed, Detail: "stream cut"}, missed("broker", 3),
		{Src: "orders-1", Kind: sim.ResourcesFailed, Detail: "permission denied"},
		{Src: "broker", Kind: sim.ResourcesFailed, Detail: "cut again"}, missed("broker", 2),
	} {
		rec.Add(e)
	}
	r := Trial("async-1", sc, rec, sim.Audit{Verdict: sim.Pass})
	want := "5 readings of the resources of broker failed, so its CPU and memory are not complete: stream cut; " +
		"readings of the resources of orders-1 failed, so its CPU and memory are not complete: permission denied"
	if r.Doubtful || r.Verdict != sim.Pass || r.Reasons.String() != want || r.Reasons[0].Kind != sim.ReasonResources {
		t.Errorf("doubtful %v, verdict %s, reasons %q", r.Doubtful, r.Verdict, r.Reasons)
	}
}

// TestUndecodableHistogramsAreTold: the trial that has one is in doubt, and its
// variant with it; the others count.
func TestUndecodableHistogramsAreTold(t *testing.T) {
	for _, c := range []struct {
		what  string
		spoil func(*sim.TrialResult)
	}{
		{"accept latency", func(r *sim.TrialResult) { r.Accept.Packed = "garbage" }},
		{"complete latency", func(r *sim.TrialResult) { r.Complete.Packed = r.Complete.Packed[:len(r.Complete.Packed)/2] }},
		{"convergence lag", func(r *sim.TrialResult) { r.Lag.Convergence.CensoredPacked = "AAAA" }},
		{"visibility lag", func(r *sim.TrialResult) { r.Lag.Visibility.Lag.Packed = "garbage" }},
		{"probe error", func(r *sim.TrialResult) { r.Lag.Visibility.ProbeError.Packed = "garbage" }},
		{"age of stale reads", func(r *sim.TrialResult) { r.Lag.Visibility.Age.Packed = "garbage" }},
	} {
		var trials []*sim.TrialResult
		for range 2 {
			sc, rec := story()
			r := Trial("async-1", sc, rec, sim.Audit{Verdict: sim.Pass})
			r.Lag.Visibility = &sim.Visibility{}
			trials = append(trials, r)
		}
		c.spoil(trials[1])
		v := Variant("async", trials)
		if v.Verdict != sim.Unknown || trials[0].Doubtful || len(trials[0].Reasons) > 0 {
			t.Errorf("%s: verdict %s; the good trial: %+v", c.what, v.Verdict, trials[0].Reasons)
		}
		r := trials[1]
		if !r.Doubtful || len(r.Reasons) != 1 || r.Reasons[0].Kind != sim.ReasonFigures ||
			!strings.HasPrefix(r.Reasons[0].Text, c.what+": decode a histogram: ") {
			t.Errorf("%s: doubtful %v, %+v", c.what, r.Doubtful, r.Reasons)
		}
		if want := 8; c.what != "accept latency" && v.Accept.Count != int64(want) {
			t.Errorf("%s: %d accept latencies, expected those of both trials, %d", c.what, v.Accept.Count, want)
		}
	}
}
