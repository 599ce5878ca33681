package measure

import (
	"slices"

	"squall/sim"
)

// Variant adds up the trials of one variant: counts are summed, distributions
// merged, rates averaged, verdicts taken together. A trial whose distributions
// cannot be merged is in doubt from then on.
func Variant(name string, trials []*sim.TrialResult) *sim.VariantResult {
	v := &sim.VariantResult{Variant: name, Trials: trials, Verdict: sim.Pass, Faults: []sim.FaultResult{}}
	total := newDistributions()
	for _, t := range trials {
		total.add(t)
		v.Verdict = v.Verdict.Worse(t.Verdict)
		v.Accept.OK += t.Accept.OK
		v.Accept.Fail += t.Accept.Fail
		v.Accept.Info += t.Accept.Info
		n := float64(len(trials))
		v.Throughput.Offered += t.Throughput.Offered / n
		v.Throughput.Accepted += t.Throughput.Accepted / n
		v.Throughput.Completed += t.Throughput.Completed / n
		v.Resources.CPUSeconds += t.Resources.CPUSeconds / n
		v.Resources.CPUMSPerCompletion += t.Resources.CPUMSPerCompletion / n
		v.Resources.MaxRSSBytes = max(v.Resources.MaxRSSBytes, t.Resources.MaxRSSBytes)
		v.Resources.MaxConnections = max(v.Resources.MaxConnections, t.Resources.MaxConnections)
		v.Faults = append(v.Faults, t.Faults...)
		for _, level := range t.Series.Backlog["total"] {
			v.Backlog.Peak = max(v.Backlog.Peak, level)
		}
	}
	if n := v.Accept.OK + v.Accept.Fail + v.Accept.Info; n > 0 {
		v.Accept.ErrorRate = float64(v.Accept.Fail+v.Accept.Info) / float64(n)
	}
	v.Accept.Latency, v.Complete, v.Lag.Convergence = total.accept.latency(), total.complete.latency(), total.lag.convergence()
	v.Lag.Visibility = allVisibility(trials)
	if p := v.Lag.Visibility; p != nil {
		p.Lag, p.ProbeError, p.Age = total.visible.convergence(), total.probeError.latency(), total.age.latency()
	}
	v.Audit = audits(trials)
	v.Windows = allWindows(trials)
	return v
}

// distributions are those of several trials together.
type distributions struct {
	accept, complete, probeError, age histogram
	lag, visible                      survival
}

func newDistributions() *distributions {
	return &distributions{newHistogram(), newHistogram(), newHistogram(), newHistogram(), newSurvival(), newSurvival()}
}

// add merges a trial's distributions. What cannot be merged is told in the trial,
// which is in doubt then.
func (d *distributions) add(t *sim.TrialResult) {
	merged := func(what string, err error) {
		if err != nil {
			tell(t, sim.Reason{Kind: sim.ReasonFigures, Text: what + ": " + err.Error()})
		}
	}
	merged("accept latency", d.accept.merge(t.Accept.Packed))
	merged("complete latency", d.complete.merge(t.Complete.Packed))
	merged("convergence lag", d.lag.merge(t.Lag.Convergence))
	if p := t.Lag.Visibility; p != nil {
		merged("visibility lag", d.visible.merge(p.Lag))
		merged("probe error", d.probeError.merge(p.ProbeError.Packed))
		merged("age of stale reads", d.age.merge(p.Age.Packed))
	}
}

// allVisibility adds up the counts of what the readers of all trials saw; nil
// without probes.
func allVisibility(trials []*sim.TrialResult) *sim.Visibility {
	var total *sim.Visibility
	for _, t := range trials {
		v := t.Lag.Visibility
		if v == nil {
			continue
		}
		if total == nil {
			first := *v
			first.Curve = slices.Clone(v.Curve)
			total = &first
			continue
		}
		total.Orders += v.Orders
		total.Reads += v.Reads
		total.Stale += v.Stale
		total.NonMonotonic += v.NonMonotonic
		total.LostWrites += v.LostWrites
		for i := range total.Curve {
			total.Curve[i].Reads += v.Curve[i].Reads
			total.Curve[i].Fresh += v.Curve[i].Fresh
		}
	}
	return total
}

// allWindows adds up each predicate over the trials.
func allWindows(trials []*sim.TrialResult) []sim.Window {
	total := []sim.Window{}
	for _, t := range trials {
		for _, w := range t.Windows {
			i := slices.IndexFunc(total, func(have sim.Window) bool { return have.Name == w.Name })
			if i < 0 {
				total = append(total, w)
				continue
			}
			have := &total[i]
			have.Count += w.Count
			have.Open += w.Open
			have.SumMS += w.SumMS
			have.LongestMS = max(have.LongestMS, w.LongestMS)
			have.PeakAtOnce = max(have.PeakAtOnce, w.PeakAtOnce)
		}
	}
	return total
}

// audits adds up each invariant over the trials.
func audits(trials []*sim.TrialResult) sim.Audit {
	total := sim.Audit{Verdict: sim.Pass, Invariants: []sim.Invariant{}}
	for _, t := range trials {
		total.Violations += t.Audit.Violations
		total.Verdict = total.Verdict.Worse(t.Audit.Verdict)
		for _, inv := range t.Audit.Invariants {
			i := slices.IndexFunc(total.Invariants, func(have sim.Invariant) bool { return have.Name == inv.Name })
			if i < 0 {
				total.Invariants = append(total.Invariants, inv)
				continue
			}
			have := &total.Invariants[i]
			have.Verdict = have.Verdict.Worse(inv.Verdict)
			have.Violations += inv.Violations
			have.Examples = append(slices.Clip(have.Examples), inv.Examples...)
			if have.Detail == "" {
				have.Detail = inv.Detail
			}
		}
	}
	return total
}
