package squall

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"

	"squall/reports"
	"squall/scenarios"
	"squall/sim"
	"squall/sim/check"
	"squall/sim/measure"
	"squall/sim/record"
)

// Judge measures and checks a finished or broken-off run from the files in its
// directory alone. It writes nothing.
func Judge(path string) (*Result, error) {
	dir, info, err := record.ReadRun(path)
	if err != nil {
		return nil, usage(err)
	}
	r, err := judge(dir, info)
	if err != nil {
		return nil, err
	}
	return &Result{r, info, path}, nil
}

// Publish writes a result into its run directory: result.json, report.html and
// summary.md.
func Publish(r *Result) error {
	dir := record.RunDir(r.Dir)
	if err := record.WriteJSON(dir.ResultFile(), r.Result); err != nil {
		return err
	}
	html, err := reports.HTML(r.Info, r.Result)
	if err != nil {
		return err
	}
	if err := record.WriteFile(dir.ReportFile(), html); err != nil {
		return err
	}
	return record.WriteFile(dir.SummaryFile(), []byte(reports.Markdown(r.Info, r.Result)))
}

// frugal has the garbage collected sooner: the records of a million orders are
// nearly all that judging holds, and they are to fit into a gibibyte. The
// function that it returns ends that.
func frugal() func() {
	before := debug.SetGCPercent(50)
	return func() { debug.SetGCPercent(before) }
}

// judge measures and checks a run from its files alone.
func judge(dir record.RunDir, info sim.RunInfo) (*sim.Result, error) {
	defer frugal()()
	r := &sim.Result{Schema: sim.ResultSchema, Scenario: info.Scenario.Name, Verdict: sim.Pass,
		Reasons: sim.Reasons{}, Variants: map[string]*sim.VariantResult{}}
	trials := map[string][]*sim.TrialResult{}
	for _, t := range info.Trials {
		trial, err := judgeTrial(dir, info, t.Name)
		switch {
		case errors.Is(err, errNotBegun):
			r.Reasons = append(r.Reasons, sim.Reason{Kind: sim.ReasonNotBegun, Trial: t.Name, Text: t.Name + " was never begun"})
			r.Verdict = sim.Unknown
		case err != nil:
			return nil, fmt.Errorf("trial %s: %w", t.Name, err)
		default:
			trials[t.Variant] = append(trials[t.Variant], trial)
		}
	}
	for _, v := range info.Scenario.Variants {
		if len(trials[v]) > 0 {
			r.Variants[v] = measure.Variant(v, trials[v])
		}
	}
	r.Expect = scenarios.Expect(info.Scenario, r, Catalog().Variants)
	for _, e := range r.Expect {
		r.Verdict = r.Verdict.Worse(e.Verdict)
		if e.Verdict != sim.Pass {
			r.Reasons = append(r.Reasons, sim.Reason{
				Kind: sim.ReasonExpectation, Text: fmt.Sprintf("expectation %s: %s (%s)", e.Verdict, e.Text, e.Detail),
			})
		}
	}
	for _, v := range info.Scenario.Variants {
		for _, t := range trials[v] {
			if t.Doubtful {
				// A failure that was seen stays one; nothing else is certain.
				r.Verdict = r.Verdict.Worse(sim.Unknown)
			}
			for _, why := range t.Reasons {
				why.Trial, why.Text = t.Trial, t.Trial+": "+why.Text
				r.Reasons = append(r.Reasons, why)
			}
		}
	}
	r.Reasons = slices.Compact(r.Reasons)
	return r, nil
}

// errNotBegun says that a trial has no history.
var errNotBegun = errors.New("it was never begun")

func judgeTrial(dir record.RunDir, info sim.RunInfo, name string) (*sim.TrialResult, error) {
	history, audit := dir.History(name), dir.Audit(name)
	if _, err := os.Stat(history); errors.Is(err, fs.ErrNotExist) {
		return nil, errNotBegun
	}
	rec, err := record.ReadTrial(history, audit, len(info.Scenario.Faults))
	if err != nil {
		return nil, err
	}
	trial := measure.Trial(name, info.Scenario, rec, check.Judge(rec))
	return trial, record.AddTimelines(trial, history, audit, info.Scenario.Seed)
}
