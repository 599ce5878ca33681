package reports

import (
	"strings"
	"testing"
	"time"

	"squall/sim"
)

const evil = `<script>alert("x")</script>`

// run is a small run with hostile text wherever a user's text can be.
func run() (sim.RunInfo, *sim.Result) {
	info := sim.RunInfo{
		ID: "id", Source: "# " + evil + "\nname: x\n", Command: []string{"squall", "run", evil}, Started: time.Unix(0, 0).UTC(), Digest: "abc",
		Scenario: sim.Scenario{
			Name: evil, Summary: evil, Variants: []string{"sync", "async"},
			Load:   sim.Load{Phases: []sim.Phase{{Name: evil, For: 2e9, From: 10, To: 10}}},
			Faults: []sim.FaultSpec{{Kind: "kill", Target: evil, At: 1e9}},
		},
		Backing: sim.BackingInfo{Name: "embedded", Servers: map[string]string{"broker": "JetStream", "database": "SQLite"}},
	}
	value := 3.0
	variant := func(name string, p99 float64, errors float64, violations int) *sim.VariantResult {
		trial := &sim.TrialResult{
			Trial: name + "-1", Verdict: sim.Pass, Reasons: sim.Reasons{},
			Faults: []sim.FaultResult{{Number: 1, Kind: "kill", Target: evil, Evidence: evil, Verdict: sim.Pass, From: 1, To: 1.5}},
			Series: sim.Series{Offered: []float64{10}, AcceptP99: []*float64{&value}, Backlog: map[string][]float64{evil: {1}}},
		}
		v := &sim.VariantResult{Variant: name, Verdict: sim.Pass, Trials: []*sim.TrialResult{trial}, Faults: trial.Faults}
		v.Accept.Count, v.Accept.P99, v.Accept.ErrorRate, v.Audit.Violations = 10, p99, errors, violations
		order := sim.Example{Order: evil, Why: evil, Events: []sim.Event{{Src: evil, Kind: evil, Detail: evil}}}
		v.Audit.Invariants = []sim.Invariant{{Name: "no-loss", Verdict: sim.Fail, Violations: 1, Examples: []sim.Example{order}}}
		return v
	}
	return info, &sim.Result{
		Scenario: evil, Verdict: sim.Fail, Reasons: sim.Reasons{{Kind: sim.ReasonDeath, Text: evil}},
		Expect:   []sim.Expectation{{Text: evil, Verdict: sim.Fail, Detail: evil}},
		Variants: map[string]*sim.VariantResult{"sync": variant("sync", 100, 0.05, 2), "async": variant("async", 10, 0, 0)},
	}
}

func TestHTMLEscapesEverything(t *testing.T) {
	b, err := HTML(run())
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	if strings.Contains(page, evil) {
		i := strings.Index(page, evil)
		t.Fatalf("unescaped: ...%s...", page[max(0, i-80):i+80])
	}
	if strings.Count(page, "&lt;script&gt;") < 5 {
		t.Error("the hostile text is not on the page at all")
	}
}

// The page works from disk: it asks for nothing.
func TestHTMLNeedsNothingElse(t *testing.T) {
	b, err := HTML(run())
	if err != nil {
		t.Fatal(err)
	}
	for _, outside := range []string{"src=\"http", "href=\"http", "url(http", "@import", "fetch("} {
		if strings.Contains(string(b), outside) {
			t.Errorf("the page has %s", outside)
		}
	}
	if len(b) > 1_500_000 {
		t.Errorf("%d bytes", len(b))
	}
}

// A run that was interrupted before its first trial still has a report.
func TestAReportOfNothing(t *testing.T) {
	info, r := run()
	r.Variants = map[string]*sim.VariantResult{}
	if _, err := HTML(info, r); err != nil {
		t.Fatal(err)
	}
	Terminal(info, r)
	Markdown(info, r)
}

func TestScoreboardMarksTheBetterOne(t *testing.T) {
	info, r := run()
	for _, line := range rows(info, r) {
		sync, async := line.Values[0], line.Values[1]
		switch line.Name {
		case "accept p99", "errors":
			if sync.Better || !async.Better {
				t.Errorf("%s: sync %+v, async %+v; async is better", line.Name, sync, async)
			}
		case "invariant violations":
			if !sync.Bad || async.Bad {
				t.Errorf("%s: sync %+v, async %+v", line.Name, sync, async)
			}
		case "complete p99": // nothing was measured
			if sync.Text != "-" || async.Better {
				t.Errorf("%s: %+v, %+v", line.Name, sync, async)
			}
		case "accept p50": // both 0
			if sync.Better || async.Better {
				t.Errorf("%s: marked though equal", line.Name)
			}
		}
	}
	r.Variants["async"].Accept.P99 = 97 // 3 % apart is no difference in one trial
	for _, line := range rows(info, r) {
		if line.Name == "accept p99" && (line.Values[0].Better || line.Values[1].Better) {
			t.Error("a difference of 3 % is marked")
		}
	}
}

func TestTextsTellTheVerdict(t *testing.T) {
	info, r := run()
	for name, text := range map[string]string{"terminal": Terminal(info, r), "markdown": Markdown(info, r)} {
		for _, want := range []string{"fail", "accept p99", "sync", "async", "jetstream", "convergence lag p99"} {
			if !strings.Contains(strings.ToLower(text), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, text)
			}
		}
	}
	if n := strings.Count(Markdown(info, r), "\n"); n > 60 {
		t.Errorf("the Markdown has %d lines", n)
	}
	for _, line := range strings.Split(PlanChart(info.Scenario), "\n") {
		if len([]rune(line)) > 100 {
			t.Errorf("a line of the plan has %d columns: %s", len([]rune(line)), line)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		a, b  float64
		bound bool
		want  string
	}{
		{100, 10, false, "÷ 10"}, {10, 25, false, "× 2.5"}, {10, 11, false, "+10 %"}, {10, 9, false, "-10 %"}, {0.001, 29, false, "over × 1000"},
		{0, 5, false, ""}, {5, 0, false, ""}, {0, 0, false, ""}, {100, 10, true, ""},
	} {
		if got := difference(c.a, c.b, c.bound); got != c.want {
			t.Errorf("from %v to %v (bound: %v): %q, expected %q", c.a, c.b, c.bound, got, c.want)
		}
	}
}

// TestReportSaysHowAHostDiffers: what squall does by other means on the host of a
// run stands under what there is to trust.
func TestReportSaysHowAHostDiffers(t *testing.T) {
	info, r := run()
	if page, err := HTML(info, r); err != nil || strings.Contains(string(page), "On this system") {
		t.Errorf("a host that has everything: error %v, or the page says that it differs", err)
	}
	info.Machine.Differs = []string{"process.state (evidence) is not here; instead: ps(1) <now>"}
	page, err := HTML(info, r)
	if err != nil || !strings.Contains(string(page), "instead: ps(1) &lt;now&gt;") {
		t.Errorf("a host that differs: error %v, or the page does not say so", err)
	}
}
