package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"squall/reports"
	"squall/scenarios"
	"squall/sim"
	"squall/sim/check"
	"squall/sim/measure"
)

// frugal has the garbage collected sooner: the records of a million orders are
// nearly all that judging holds, and they are to fit into a gibibyte. The
// function that it returns ends that.
func frugal() func() {
	before := debug.SetGCPercent(50)
	return func() { debug.SetGCPercent(before) }
}

// judge measures and checks a run from its files alone.
func judge(dir sim.RunDir, info sim.RunInfo) (*sim.Result, error) {
	defer frugal()()
	r := &sim.Result{Schema: sim.ResultSchema, Scenario: info.Scenario.Name, Verdict: sim.Pass,
		Reasons: []string{}, Variants: map[string]*sim.VariantResult{}}
	trials := map[string][]*sim.TrialResult{}
	for _, t := range info.Trials {
		if _, err := os.Stat(dir.History(t.Name)); err != nil {
			r.Reasons = append(r.Reasons, t.Name+" was never begun")
			r.Verdict = sim.Unknown
			continue
		}
		l, err := sim.ReadLedger(dir.History(t.Name), dir.Audit(t.Name), len(info.Scenario.Faults))
		if err != nil {
			return nil, fmt.Errorf("trial %s: %w", t.Name, err)
		}
		trial := measure.Trial(t.Name, info.Scenario, l, check.Judge(l))
		if err := trial.AddTrails(dir.History(t.Name), dir.Audit(t.Name), info.Scenario.Seed); err != nil {
			return nil, fmt.Errorf("trial %s: %w", t.Name, err)
		}
		trials[t.Variant] = append(trials[t.Variant], trial)
	}
	for _, v := range info.Scenario.Variants {
		if len(trials[v]) > 0 {
			r.Variants[v] = measure.Variant(v, trials[v])
		}
	}
	r.Expect = scenarios.Expect(info.Scenario, r, catalog().Variants)
	for _, e := range r.Expect {
		r.Verdict = r.Verdict.Worse(e.Verdict)
		if e.Verdict != sim.Pass {
			r.Reasons = append(r.Reasons, fmt.Sprintf("expectation %s: %s (%s)", e.Verdict, e.Text, e.Detail))
		}
	}
	for _, v := range info.Scenario.Variants {
		for _, t := range trials[v] {
			if t.Doubtful {
				// A failure that was seen stays one; nothing else is certain.
				r.Verdict = r.Verdict.Worse(sim.Unknown)
			}
			for _, why := range t.Reasons {
				r.Reasons = append(r.Reasons, t.Trial+": "+why)
			}
		}
	}
	r.Reasons = slices.Compact(r.Reasons)
	return r, nil
}

// publish writes a run's result and reports.
func publish(dir sim.RunDir, info sim.RunInfo, r *sim.Result) error {
	if err := sim.WriteJSON(dir.ResultFile(), r); err != nil {
		return err
	}
	html, err := reports.HTML(info, r)
	if err != nil {
		return err
	}
	if err := sim.WriteFile(dir.ReportFile(), html); err != nil {
		return err
	}
	return sim.WriteFile(dir.SummaryFile(), []byte(reports.Markdown(info, r)))
}

// verdict is the error that ends a command with a result's exit code.
func verdict(r *sim.Result) error {
	if r.Verdict == sim.Pass {
		return nil
	}
	return verdictError{r.Verdict}
}
