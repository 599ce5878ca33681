package reports

import (
	"encoding/xml"
	"strings"
	"testing"

	"squall/sim"
	"squall/sim/gate"
)

// compared is a comparison with a row of every verdict.
func compared() gate.Comparison {
	c := gate.Comparison{Scenario: evil, Stopped: 8, Worse: 2, Better: 1, Unsure: 1}
	c.LeftOut, c.Changed = []string{"head, async-1: late"}, []string{"machine: a, then " + evil}
	c.Rows = []gate.Row{
		{Variant: "async", Metric: "no-loss", Unit: "violations", Kind: sim.KindViolations, Verdict: gate.Worse, Why: "the base never broke it",
			Head: 1, Effect: 1, Low: 1, High: 1, Absolute: true, Confidence: 1},
		{Variant: "async", Metric: "accept p99", Unit: "accept-p99-ms", Kind: sim.KindMilliseconds, Verdict: gate.Worse,
			Base: 100, Head: 150, Effect: 0.5, Low: 0.4, High: 0.62, Confidence: 0.998, P: 0.00001},
		{Variant: "async", Metric: "error rate", Unit: "error-rate", Kind: sim.KindShare, Verdict: gate.Better,
			Base: 0.02, Head: 0.01, Effect: -0.01, Low: -0.012, High: -0.008, Absolute: true, Confidence: 0.998, P: 0.001},
		{Variant: "sync", Metric: "throughput", Unit: "completed/s", Kind: sim.KindPerSecond, Verdict: gate.Same,
			Base: 60, Head: 60, Confidence: 0.998, P: 1},
		{Variant: "sync", Metric: "recovery", Unit: "recovery-s", Kind: sim.KindSeconds, Verdict: gate.CannotTell,
			Why: "too few trials", Enough: 7, Base: 1, Head: 3, Effect: 2, Absolute: true, P: 0.4},
	}
	return c
}

func TestComparisonFormats(t *testing.T) {
	c := compared()
	md := ComparisonMarkdown(c, "https://ci.example/(1)/report one.html")
	for _, want := range []string{
		"✗ 2 got worse, 1 better, of 1 nobody can tell",
		"- **async accept p99** got worse by +50 % (+40 % to +62 %, p < 0.0001): 100 ms, then 150 ms",
		"- **async no-loss** is broken: the base never broke it", "- stopped after repeat 8", "- in doubt and left out: head, async-1: late",
		"-1.00 points", "about 7 trials of each would do", "(https://ci.example/%281%29/report%20one.html)",
	} {
		if !strings.Contains(md, want) {
			t.Errorf("the Markdown lacks %q:\n%s", want, md)
		}
	}
	if strings.Contains(md, evil) {
		t.Error("the Markdown is not escaped")
	}
	text := ComparisonText(c)
	if !strings.Contains(text, "not the same: machine") || !strings.Contains(text, "+2.0 s") {
		t.Errorf("the text:\n%s", text)
	}
	b, err := ComparisonJUnit(c)
	if err != nil {
		t.Fatal(err)
	}
	var s junitSuite
	if err := xml.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if s.Tests != 5 || s.Failures != 2 || s.Skipped != 1 || len(s.Cases) != 5 {
		t.Errorf("%d tests, %d failures, %d skipped", s.Tests, s.Failures, s.Skipped)
	}
}
