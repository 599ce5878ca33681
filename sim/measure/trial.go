package measure

import (
	"fmt"
	"strings"

	"squall/sim"
	"squall/sim/record"
)

// Trial computes the figures of one trial. Its verdict is that of the audit, which
// is given; where there is a reason to doubt the trial's figures, a pass becomes
// unknown.
func Trial(name string, sc sim.Scenario, rec *record.TrialRecord, audit sim.Audit) *sim.TrialResult {
	r := &sim.TrialResult{Trial: name, Audit: audit, Verdict: audit.Verdict, Reasons: sim.Reasons{}, Messages: rec.Messages}
	total := newTally(0)
	byPhase, byFault := phases(rec, sc.Load), around(rec, sc)
	for _, w := range byPhase {
		if !w.Discard {
			total.seconds += w.seconds
		}
	}
	for _, o := range rec.Orders {
		if o.SetAside() {
			r.Parked++
		}
		if !o.Requested {
			continue
		}
		for _, w := range byPhase {
			w.offer(o, rec.End)
			if !w.Discard && o.Intended >= w.from && o.Intended < w.to {
				total.add(o, rec.End)
			}
		}
		for _, w := range byFault {
			w.offer(o, rec.End)
		}
	}
	r.Accept, r.Service, r.Complete = total.sum(), total.service.latency(), total.complete.latency()
	r.Lag, r.Throughput = total.lags(), total.rates()
	if sc.Probes.Share > 0 {
		v := visibility(rec, float64(sc.Probes.Every)/1e6)
		r.Lag.Visibility = &v
	}
	for _, w := range byPhase {
		r.Phases = append(r.Phases, w.result())
	}
	for _, w := range byFault {
		r.Around = append(r.Around, w.result())
	}
	r.Series = series(rec)
	r.Windows = windows(rec)
	r.Recovery, r.ConvergedAfterS = recovery(rec, sc, r.Series), convergedAfter(rec)
	r.Resources, r.ResourcesByProcess = resources(rec)
	if n := completedAll(rec); n > 0 {
		r.Resources.CPUMSPerCompletion = r.Resources.CPUSeconds * 1e3 / float64(n)
	}
	r.Faults = faults(rec, sc)
	r.Load = fidelity(rec)
	r.DrainS = drainTime(rec)
	r.Slowest, r.Delayed = slowest(rec), delayed(rec)
	judge(r, rec)
	return r
}

func completedAll(rec *record.TrialRecord) (n int) {
	for _, o := range rec.Orders {
		if o.TerminalAt > 0 {
			n++
		}
	}
	return n
}

// drainTime is from the last answer to the last commit.
func drainTime(rec *record.TrialRecord) float64 {
	var answered, committed int64
	for _, o := range rec.Orders {
		answered, committed = max(answered, o.Answered), max(committed, o.LastCommit)
	}
	return float64(max(0, committed-answered)) / 1e9
}

func faults(rec *record.TrialRecord, sc sim.Scenario) []sim.FaultResult {
	results := []sim.FaultResult{}
	for i, f := range sc.Faults {
		fact := rec.Faults[i+1]
		r := sim.FaultResult{Number: i + 1, Kind: f.Kind, Target: f.Target, Verdict: sim.Unknown}
		if fact != nil {
			r.Evidence, r.Verdict, r.NA = fact.Evidence.Text, fact.Evidence.Verdict, fact.NotApplicable
			if len(fact.Failed) > 0 {
				r.Evidence, r.Verdict = strings.Join(fact.Failed, "; "), sim.Unknown
			}
			if fact.Injected > 0 {
				r.From = float64(fact.Planned-rec.Start) / 1e9
				r.DelayMS, r.TookMS = float64(fact.Begun-fact.Planned)/1e6, float64(fact.Injected-fact.Begun)/1e6
			}
			if fact.Healed > 0 {
				r.To = float64(fact.Healed-rec.Start) / 1e9
				r.HealDelayMS, r.HealTookMS = float64(fact.HealBegun-fact.HealPlanned)/1e6, float64(fact.Healed-fact.HealBegun)/1e6
			}
		}
		results = append(results, r)
	}
	return results
}

func fidelity(rec *record.TrialRecord) sim.LoadFidelity {
	v := rec.Load
	f := sim.LoadFidelity{
		Planned: int(v["planned"]), Sent: int(v["sent"]), Unsent: int(v["unsent"]), Late: int(v["late"]),
		LateP50MS: v["late_p50_ms"], LateP99MS: v["late_p99_ms"], LateMaxMS: v["late_max_ms"], Verdict: sim.Pass,
	}
	if f.Planned == 0 || f.Unsent > 0 || float64(f.Late) > sim.LateShare*float64(f.Sent) {
		f.Verdict = sim.Unknown
	}
	return f
}

// judge gathers the reasons to doubt the trial's figures, and the invariants that
// were violated.
func judge(r *sim.TrialResult, rec *record.TrialRecord) {
	for _, why := range rec.Trouble {
		tell(r, why)
	}
	switch {
	case r.Load.Planned == 0:
		tell(r, sim.Reason{Kind: sim.ReasonLoad, Text: "the history does not say whether the generator kept its schedule"})
	case r.Load.Verdict != sim.Pass:
		tell(r, sim.Reason{Kind: sim.ReasonLoad, Text: fmt.Sprintf(
			"the generator missed its schedule: %d of %d requests unsent, %d sent over %s late (p99 %.1f ms)",
			r.Load.Unsent, r.Load.Planned, r.Load.Late, sim.LateAfter, r.Load.LateP99MS)})
	}
	for _, d := range rec.Deaths {
		first, _, _ := strings.Cut(d.Detail, "\n")
		tell(r, sim.Reason{Kind: sim.ReasonDeath, Text: "a process died unasked: " + first})
	}
	for _, text := range unmetered(rec.Unmetered) {
		tell(r, sim.Reason{Kind: sim.ReasonResources, Text: text})
	}
	for _, inv := range r.Audit.Invariants {
		switch inv.Verdict {
		case sim.Unknown:
			tell(r, sim.Reason{Kind: sim.ReasonCheck, Check: inv.Name, Text: inv.Name + ": " + inv.Detail})
		case sim.Fail:
			tell(r, sim.Reason{Kind: sim.ReasonInvariant, Check: inv.Name, Text: fmt.Sprintf("%s: %d violations", inv.Name, inv.Violations)})
		}
	}
}

// unmetered says of each process and server whose readings failed how many did,
// and what the first error was.
func unmetered(events []sim.Event) (texts []string) {
	missed, first := map[string]int{}, map[string]string{}
	var sources []string
	for _, e := range events {
		if e.Kind == sim.ResourcesMissed {
			missed[e.Src] += int(e.Values["readings"])
		} else if _, known := first[e.Src]; !known {
			first[e.Src] = e.Detail
			sources = append(sources, e.Src)
		}
	}
	for _, src := range sources {
		readings := "readings"
		if n := missed[src]; n > 0 { // unknown where the trial broke off before they were counted
			readings = fmt.Sprintf("%d readings", n)
		}
		texts = append(texts, fmt.Sprintf("%s of the resources of %s failed, so its CPU and memory are not complete: %s",
			readings, src, first[src]))
	}
	return texts
}

// tell adds a reason to a trial. One to doubt its figures makes its verdict
// unknown, unless it failed.
func tell(r *sim.TrialResult, why sim.Reason) {
	r.Reasons = append(r.Reasons, why)
	if why.Kind.Doubt() {
		r.Verdict, r.Doubtful = r.Verdict.Worse(sim.Unknown), true
	}
}
