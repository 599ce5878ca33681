package reports

import (
	"encoding/xml"
	"regexp"
	"strings"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/gate"
)

// unknownRun is a run of which nobody can tell anything: its generator missed the
// schedule, no fault left evidence or had a target, and no audit could be read.
// async has the better figures, and sync got no request.
func unknownRun() (sim.RunInfo, *sim.Result) {
	info, r := run()
	info.Scenario.Name, info.Scenario.Summary, info.Source = "x", "", ""
	info.Scenario.Faults = append(info.Scenario.Faults, sim.FaultSpec{Kind: "pause", Target: "broker", At: 1e9})
	r.Scenario, r.Verdict, r.Reasons = "x", sim.Unknown, sim.Reasons{{Kind: sim.ReasonLoad, Text: "the generator missed its schedule"}}
	r.Expect = []sim.Expectation{{Text: "async.accept.p99 < 1s", Verdict: sim.Unknown, Detail: "in doubt"}, {Text: "y", Detail: "missing"}}
	for _, v := range r.Variants {
		v.Verdict = sim.Unknown
		unread := sim.Invariant{Name: "no-loss", Verdict: sim.Unknown, Detail: "unread"}
		v.Audit = sim.Audit{Verdict: sim.Unknown, Invariants: []sim.Invariant{unread, {Name: "z"}}}
		t := v.Trials[0]
		t.Verdict, t.Doubtful, t.Reasons, t.Audit = sim.Unknown, true, r.Reasons, v.Audit
		t.Load.Verdict = sim.Unknown
		t.Faults = []sim.FaultResult{
			{Number: 1, Kind: "kill", Target: "a", Evidence: "none", Verdict: sim.Unknown, From: 1, To: 1.5},
			{Number: 2, Kind: "pause", Target: "broker", Evidence: "not applicable: no broker", Verdict: sim.Pass, NA: true},
		}
		v.Faults = t.Faults
	}
	r.Variants["sync"].Accept = sim.Accept{}
	return info, r
}

// unknownMatrix has a fault that does not apply, one without evidence, and rows
// whose verdict is unknown or missing.
func unknownMatrix() Matrix {
	return Matrix{Rows: []MatrixRow{
		{Fault: "{ kill: a }", Kind: "kill", Variant: "sync", Why: "sync has no broker"},
		{Fault: "{ kill: b }", Kind: "kill", Variant: "async", Applies: true, Verdict: sim.Pass, EvidenceIs: sim.Unknown, Evidence: "none"},
		{Fault: "{ kill: c }", Kind: "kill", Variant: "async", Applies: true, Verdict: sim.Unknown, EvidenceIs: sim.Pass, Why: "unread"},
		{Fault: "{ kill: d }", Kind: "kill", Variant: "async", Applies: true, EvidenceIs: sim.Pass},
	}}
}

// unsure is a comparison of which nobody can tell anything.
func unsure() gate.Comparison {
	return gate.Comparison{Scenario: "x", Unsure: 2, Rows: []gate.Row{
		{Variant: "sync", Metric: "accept p99", Unit: "accept-p99-ms", Base: 1, Head: 2,
			Verdict: gate.CannotTell, Why: "too few trials", Enough: 7},
		{Variant: "async", Metric: "accept p99", Unit: "accept-p99-ms", Base: 1, Head: 2, Verdict: gate.CannotTell},
	}}
}

// green finds what a reader takes for success: a tick, the word pass, a cell in
// the colour of success, the mark of the better figure.
var green = regexp.MustCompile(`✓|(?i:\bpass(ed)?\b)|nothing got worse|class="[^"]*\b(pass|better)\b| \*(\s|$)`)

// notShown are the parts of a page that speak of ticks without being one: the style
// sheet, the script, and the definitions.
var notShown = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|<section id="definitions">.*?</section>|title="[^"]*"`)

// TestUnknownIsNeverGreen: what is unknown, missing or not applicable has no tick,
// no word of success and no green in any format.
func TestUnknownIsNeverGreen(t *testing.T) {
	info, r := unknownRun()
	page := func(b []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return notShown.ReplaceAllString(string(b), "")
	}
	entry := IndexEntry{Folder: "a", Info: info, Result: r}
	for name, text := range map[string]string{
		"terminal":            Terminal(info, r),
		"Markdown":            Markdown(info, r),
		"HTML":                page(HTML(info, r)),
		"index":               page(Index("runs", []IndexEntry{entry, {Folder: "b", Info: info}})),
		"overlay":             page(Overlay([]IndexEntry{entry, entry})),
		"matrix, Markdown":    strings.ReplaceAll(unknownMatrix().Markdown(), matrixWords, ""),
		"matrix, HTML":        page(unknownMatrix().HTML()),
		"comparison":          ComparisonText(unsure()),
		"comparison, MD":      ComparisonMarkdown(unsure(), ""),
		"empty comparison":    ComparisonText(gate.Comparison{Scenario: "x"}),
		"empty comparison MD": ComparisonMarkdown(gate.Comparison{Scenario: "x"}, ""),
	} {
		if len(text) < 20 {
			t.Errorf("%s: there is nothing to look at", name)
		}
		for _, at := range green.FindAllStringIndex(text, -1) {
			t.Errorf("%s: %q in ...%s...", name, text[at[0]:at[1]], text[max(0, at[0]-80):min(len(text), at[1]+40)])
		}
	}
}

// TestUnknownTestCasesAreNeverGreen: in JUnit a test case without a failure, an
// error or a skip is green, and so is a suite that has only skipped ones.
func TestUnknownTestCasesAreNeverGreen(t *testing.T) {
	suite := func(b []byte, err error) (s junitSuite) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	info, r := unknownRun()
	doubtful, audited := unknownRun() // the invariants hold, but the generator missed its schedule
	audited.Expect = nil
	for _, v := range audited.Variants {
		v.Trials[0].Audit = sim.Audit{Verdict: sim.Pass, Invariants: []sim.Invariant{{Name: "no-loss", Verdict: sim.Pass}}}
	}
	all := []string{"sync", "async"}
	empty, nothing := unknownRun() // nothing but a verdict
	nothing.Expect, nothing.Variants, empty.Scenario.Variants = nil, nil, nil
	for _, c := range []struct {
		why   string
		suite junitSuite
		green int // test cases that may be green
		want  int // errors
	}{
		{"two expectations, and two invariants in each trial", suite(JUnit(info, r, all)), 0, 6},
		{"trials in doubt whose invariants hold", suite(JUnit(doubtful, audited, all)), 2, 2},
		{"a run of nothing", suite(JUnit(empty, nothing, all)), 0, 1},
		{"a comparison of which nobody can tell", suite(ComparisonJUnit(unsure())), 0, 1},
		{"a comparison without rows", suite(ComparisonJUnit(gate.Comparison{Scenario: "x"})), 0, 1},
	} {
		if c.suite.Errors != c.want {
			t.Errorf("%s: %d errors, expected %d", c.why, c.suite.Errors, c.want)
		}
		n := 0
		for _, k := range c.suite.Cases {
			if k.Failure == nil && k.Error == nil && k.Skipped == nil {
				n++
			}
		}
		if n != c.green || c.suite.Tests != len(c.suite.Cases) {
			t.Errorf("%s: %d green test cases, expected %d, in %+v", c.why, n, c.green, c.suite)
		}
	}
}

func TestComparisonMark(t *testing.T) {
	row := func(v gate.Verdict) gate.Row { return gate.Row{Variant: "async", Metric: "m", Verdict: v} }
	for _, c := range []struct {
		why, want string
		c         gate.Comparison
	}{
		{"all could be told", "✓ nothing got worse, 1 better",
			gate.Comparison{Better: 1, Rows: []gate.Row{row(gate.Same), row(gate.Better)}}},
		{"some could be told", "✓ nothing that could be told got worse, of 1 nobody can tell",
			gate.Comparison{Unsure: 1, Rows: []gate.Row{row(gate.Same), row(gate.CannotTell)}}},
		{"something got worse", "✗ 1 got worse, of 1 nobody can tell",
			gate.Comparison{Worse: 1, Unsure: 1, Rows: []gate.Row{row(gate.Worse), row(gate.CannotTell)}}},
		{"nothing could be told", "? nothing could be told: of 2 nobody can tell",
			gate.Comparison{Unsure: 2, Rows: []gate.Row{row(gate.CannotTell), row(gate.CannotTell)}}},
		{"there is no row", "? nothing could be told: there is no figure that both have", gate.Comparison{}},
	} {
		if got := comparisonMark(c.c) + " " + Conclusion(c.c); got != c.want {
			t.Errorf("%s: %q, expected %q", c.why, got, c.want)
		}
		if md := ComparisonMarkdown(c.c, ""); !strings.Contains(md, ": "+c.want+"\n") || strings.Contains(md, "The report") {
			t.Errorf("%s: the Markdown has no %q, or a link to no report:\n%s", c.why, c.want, md)
		}
	}
}

func TestStatusOfAFault(t *testing.T) {
	for _, c := range []struct {
		why  string
		f    sim.FaultResult
		want faultStatus
	}{
		{"it took hold", sim.FaultResult{Verdict: sim.Pass}, faultStatus{"✓", "pass", "pass"}},
		{"there is no evidence", sim.FaultResult{Verdict: sim.Unknown}, faultStatus{"?", "unknown", "unknown"}},
		{"nothing is known of it", sim.FaultResult{}, faultStatus{"?", "unknown", "unknown"}},
		{"the variant has no target", sim.FaultResult{Verdict: sim.Pass, NA: true}, faultStatus{"–", "not applicable", "na"}},
		{"it went wrong all the same", sim.FaultResult{Verdict: sim.Unknown, NA: true}, faultStatus{"?", "unknown", "unknown"}},
	} {
		if got := statusOf(c.f); got != c.want {
			t.Errorf("%s: %+v, expected %+v", c.why, got, c.want)
		}
	}
}

// TestMissingFiguresAreNotTheBest: 0 errors of 0 requests, or no CPU time because
// nothing was metered, are not better than what was measured.
func TestMissingFiguresAreNotTheBest(t *testing.T) {
	info, r := run()
	for _, v := range r.Variants {
		v.Throughput.Completed, v.Lag.Convergence.Censored = 5, 3
		v.Resources.CPUMSPerCompletion, v.Resources.MaxRSSBytes = 3, 1<<20
	}
	sync := r.Variants["sync"]
	sync.Accept, sync.Throughput = sim.Accept{}, sim.Throughput{}
	sync.Resources, sync.Lag.Convergence = sim.ResourceUse{}, sim.Convergence{}
	for _, line := range rows(info, r) {
		if line.Name == "invariant violations" {
			continue // counted by the audit, whatever clients did
		}
		if line.Values[0].Text != "-" || line.Values[0].Better || line.Values[1].Better {
			t.Errorf("%s: sync %+v, async %+v; sync has no such figure", line.Name, line.Values[0], line.Values[1])
		}
	}
	for _, h := range headlines(info, r)[:2] {
		if h.Values[0].Better || h.Values[0].Text != "-" {
			t.Errorf("headline %s: %+v", h.Name, h.Values[0])
		}
	}
	words := sentence(info, r)
	if !strings.HasPrefix(words, "async accepted") || !strings.Contains(words, "sync no order (it got no request)") {
		t.Errorf("the sentence: %s", words)
	}
}

// TestDoubtfulFiguresAreNotMarked: a generator that missed its schedule makes
// every figure of its trial one of the generator's.
func TestDoubtfulFiguresAreNotMarked(t *testing.T) {
	info, r := run()
	marked := func() (n int) {
		for _, line := range rows(info, r) {
			for _, c := range line.Values {
				if c.Better {
					n++
				}
			}
		}
		for _, h := range headlines(info, r) {
			for _, c := range h.Values {
				if c.Better {
					n++
				}
			}
		}
		return n
	}
	if marked() == 0 {
		t.Fatal("nothing is marked at first")
	}
	sync := r.Variants["sync"]
	for why, doubt := range map[string]func(bool){
		"a trial in doubt":                       func(yes bool) { sync.Trials[0].Doubtful = yes },
		"a variant of which nothing can be said": func(yes bool) { sync.Verdict = map[bool]sim.Verdict{true: sim.Unknown, false: sim.Pass}[yes] },
	} {
		doubt(true)
		if n := marked(); n > 0 {
			t.Errorf("%s: %d figures are marked", why, n)
		}
		doubt(false)
	}
}

// TestTrendOfALevelChange: a figure that is often far higher than before, with the
// same median, has changed; whether for better or worse the median does not tell.
func TestTrendOfALevelChange(t *testing.T) {
	var all []gate.Baseline
	for i := range 80 {
		value := 100.0
		if i >= 40 {
			value = []float64{300, 100, 300, 100, 300, 100, 100}[(i-40)%7]
		}
		all = append(all, gate.Baseline{
			Scenario: "x", Run: "r", Started: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
			Variants: map[string]gate.Samples{"async": {Figures: map[string][]float64{"accept-p99-ms": {value}}}},
		})
	}
	b, err := Trend(all)
	if err != nil {
		t.Fatal(err)
	}
	page := notShown.ReplaceAllString(string(b), "")
	if !strings.Contains(page, "? changed") || strings.Contains(page, "worse") || green.MatchString(page) {
		t.Errorf("the page says: %s", page[:strings.Index(page, "The results")])
	}
}
