package reports

import (
	"encoding/xml"
	"strings"
	"testing"

	"squall/sim"
)

func TestJUnit(t *testing.T) {
	info, r := run()
	r.Expect = []sim.Expectation{
		{Text: "async.audit.violations == 0", Verdict: sim.Fail, Detail: "async.audit.violations = 1"},
		{Text: "sync.accept.p99 < 1s", Verdict: sim.Unknown, Detail: "in doubt " + evil},
		{Text: "async.accept.p99 < 1s", Verdict: sim.Pass},
	}
	for _, v := range r.Variants {
		v.Trials[0].Audit = v.Audit
	}
	b, err := JUnit(info, r, []string{"async"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), evil) {
		t.Error("it is not escaped")
	}
	var s junitSuite
	if err := xml.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	// Three expectations and an invariant in each of two trials; sync is held to
	// none, so its violation is skipped.
	if s.Tests != 5 || s.Failures != 2 || s.Errors != 1 || s.Skipped != 1 || len(s.Cases) != 5 {
		t.Errorf("%d tests, %d failures, %d errors, %d skipped in\n%s", s.Tests, s.Failures, s.Errors, s.Skipped, b)
	}
	for _, c := range s.Cases {
		if c.Class == "squall."+evil+".sync-1" && (c.Skipped == nil || !strings.Contains(c.Skipped.Message, "1 violations")) {
			t.Errorf("the violation of sync reads %+v", c)
		}
	}
}

func TestBench(t *testing.T) {
	info, r := run()
	info.Scenario.Name, r.Scenario, info.Machine.CPUs = "a b", "a b", 2
	good := r.Variants["async"].Trials[0]
	good.Accept.Count, good.Accept.P50, good.Throughput.Completed = 10, 1.5, 20
	good.Lag.Convergence.Count, good.Lag.Convergence.P99, good.Lag.Convergence.AtLeast = 10, 9, []sim.Statistic{sim.P99}
	doubtful := r.Variants["sync"].Trials[0]
	doubtful.Doubtful, doubtful.Reasons = true, sim.Reasons{{Kind: sim.ReasonLoad, Text: "the generator\nmissed its schedule"}}
	text := Bench(info, r)
	for _, want := range []string{
		"Unit accept-p50-ms better=lower\n", "Unit completed/s better=higher\n",
		"# sync-1 is left out: the generator missed its schedule\n",
		"BenchmarkSquall/scenario=a_b/variant=async-2 1 1.5 accept-p50-ms ", " 20 completed/s ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "9 lag-p99-ms") {
		t.Error("a lower bound is a sample")
	}
}
