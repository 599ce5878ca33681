package scenarios

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"squall/sim"
)

func TestExpectations(t *testing.T) {
	sure := func() *sim.VariantResult {
		return &sim.VariantResult{Variant: "async", Trials: []*sim.TrialResult{{}}}
	}
	slow := sure()
	slow.Accept.P99, slow.Accept.ErrorRate = 80, 0.02
	doubted := sure()
	doubted.Trials[0].Doubtful = true
	broken := sure()
	broken.Trials[0].Doubtful, broken.Audit.Violations = true, 3
	stuck := sure()
	stuck.Lag.Convergence.P99, stuck.Lag.Convergence.AtLeast = 20_000, []sim.Statistic{sim.P99}
	for _, c := range []struct {
		why  string
		text string
		v    *sim.VariantResult
		want sim.Verdict
	}{
		{"at least 20 s are not known to be under 30 s", "async.lag.convergence.p99 < 30s", stuck, sim.Unknown},
		{"at least 20 s are over 10 s", "async.lag.convergence.p99 > 10s", stuck, sim.Pass},
		{"at least 20 s are not under 10 s", "async.lag.convergence.p99 < 10s", stuck, sim.Fail},
		{"below its bound", "async.accept.p99 < 50ms", sure(), sim.Pass},
		{"80 ms are over 50 ms", "async.accept.p99 < 50ms", slow, sim.Fail},
		{"80 ms are under a second", "async.accept.p99 < 1s", slow, sim.Pass},
		{"2 % is a share of 0.02", "async.accept.error_rate == 2%", slow, sim.Pass},
		{"rates per minute", "async.throughput.completed < 60/m", sure(), sim.Pass},
		{"doubt makes a pass unknown", "async.accept.p99 < 50ms", doubted, sim.Unknown},
		{"doubt makes a measured failure unknown", "async.accept.p99 > 50ms", doubted, sim.Unknown},
		{"violations that were seen stay seen", "async.audit.violations == 0", broken, sim.Fail},
		{"none seen, but in doubt", "async.audit.violations == 0", doubted, sim.Unknown},
	} {
		r := &sim.Result{Variants: map[string]*sim.VariantResult{"async": c.v}}
		got := Expect(sim.Scenario{Variants: []string{"async"}, Expect: []string{c.text}}, r, []string{"sync", "async"})
		if len(got) != 1 || got[0].Verdict != c.want {
			t.Errorf("%s: %+v, expected %s", c.why, got, c.want)
		}
	}
	none := Expect(sim.Scenario{Variants: []string{"async"}, Expect: []string{"sync.accept.p99 < 1s"}},
		&sim.Result{Variants: map[string]*sim.VariantResult{"async": sure()}}, []string{"sync", "async"})
	if len(none) != 0 {
		t.Errorf("an expectation of a variant that is not run was judged: %+v", none)
	}
}

// resultOf is a result with one trial, free of doubt, of each variant.
func resultOf(variants ...string) *sim.Result {
	r := &sim.Result{Variants: map[string]*sim.VariantResult{}}
	for _, v := range variants {
		r.Variants[v] = &sim.VariantResult{Variant: v, Trials: []*sim.TrialResult{{}}}
	}
	return r
}

// TestEveryExpectationLeavesATrace: an expectation is judged, or it concerns a
// variant that there is and that was not run; then LeftOut has it.
func TestEveryExpectationLeavesATrace(t *testing.T) {
	known := []string{"sync", "sync-resilient", "async"}
	r := resultOf("sync-resilient")
	r.Variants["sync-resilient"].Accept.P99 = 80
	sc := sim.Scenario{Variants: []string{"sync-resilient"}, Expect: []string{
		"sync-resilient.accept.p99 == 80ms",
		"sync-resilient.accept.p99 < sync.accept.p99",
		"async.audit.violations == 0",
		"sync-resillient.accept.p99 < 1s",
	}}
	got := Expect(sc, r, known)
	if len(got) != 2 || got[0].Verdict != sim.Pass || got[0].Detail != "sync-resilient.accept.p99 = 80" {
		t.Fatalf("%+v, expected the first and the last, and the first to pass", got)
	}
	if got[1].Verdict != sim.Unknown || !strings.Contains(got[1].Detail, "there is no variant sync-resillient") {
		t.Errorf("a variant that there is not: %+v, expected unknown with the reason", got[1])
	}
	left := LeftOut(sc, known)
	want := []Unjudged{
		{"sync-resilient.accept.p99 < sync.accept.p99", []string{"sync"}}, {"async.audit.violations == 0", []string{"async"}},
	}
	if !reflect.DeepEqual(left, want) {
		t.Errorf("left out: %v, expected %v", left, want)
	}
}

// TestDefaultExpectations: a scenario without expectations holds each variant to
// its audit, whatever the variant is called and whoever knows of it.
func TestDefaultExpectations(t *testing.T) {
	for _, name := range []string{"sync", "sync-resilient", "async-2", "2-async", "in", "count", "v", "a-b-c"} {
		r := resultOf(name)
		r.Variants[name].Audit.Violations = 3
		for _, known := range [][]string{{"sync", "async", name}, {"sync", "async"}, nil} {
			got := Expect(sim.Scenario{Variants: []string{name}}, r, known)
			if len(got) != 1 || got[0].Verdict != sim.Fail || got[0].Detail != name+".audit.violations = 3" {
				t.Errorf("%s among %v: %+v, expected one that failed", name, known, got)
			}
		}
		got := Expect(sim.Scenario{Variants: []string{name, "more"}}, r, nil)
		if len(got) != 2 || got[1].Verdict != sim.Unknown || got[1].Detail != "there is no trial of more" {
			t.Errorf("a variant without a trial: %+v, expected it to be unknown", got)
		}
	}
}

// TestDoubtWithoutAFigure: an expectation that takes the variants as a whole
// depends on their figures like any other.
func TestDoubtWithoutAFigure(t *testing.T) {
	const text = "all([sync, async], .accept.p99 < 50ms)"
	sc := sim.Scenario{Variants: []string{"sync", "async"}, Expect: []string{text}}
	r := resultOf("sync", "async")
	if got := Expect(sc, r, nil); len(got) != 1 || got[0].Verdict != sim.Pass {
		t.Errorf("%+v, expected to pass", got)
	}
	r.Variants["async"].Trials[0].Doubtful = true
	got := Expect(sc, r, nil)
	if len(got) != 1 || got[0].Verdict != sim.Unknown || !strings.Contains(got[0].Detail, "figures of async are in doubt") {
		t.Errorf("with async in doubt: %+v, expected unknown", got)
	}
}

func TestAudited(t *testing.T) {
	r := resultOf("sync", "async", "sync-resilient")
	for _, text := range []string{"sync-resilient.audit.violations == 0", "sync.accept.p99 < 1s", "async.audit.violations <"} {
		r.Expect = append(r.Expect, sim.Expectation{Text: text})
	}
	if got := Audited(r, nil); !slices.Equal(got, []string{"sync-resilient"}) {
		t.Errorf("audited are %v, expected sync-resilient alone", got)
	}
}
