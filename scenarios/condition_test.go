package scenarios

import (
	"slices"
	"testing"

	"squall/sim"
	"squall/sim/measure"
)

func TestHolds(t *testing.T) {
	figures := &sim.VariantResult{Accept: sim.Accept{OK: 9, Info: 1, ErrorRate: 0.1, Latency: sim.Latency{Count: 10, P99: 40}}}
	for _, c := range []struct {
		why, text string
		figures   *sim.VariantResult
		want      sim.Verdict
	}{
		{"it holds", "async.accept.p99 < 50ms", figures, sim.Pass},
		{"it does not", "async.accept.error_rate < 5%", figures, sim.Fail},
		{"nothing was seen yet", "async.accept.p99 < 50ms", &sim.VariantResult{}, sim.Unknown},
	} {
		got := NewConditions([]string{"async"}).Evaluate([]string{c.text}, c.figures)
		if len(got) != 1 || got[0].Verdict != c.want || got[0].Detail == "" {
			t.Errorf("%s: %+v, expected %s", c.why, got, c.want)
		}
	}
}

// TestConditionsOfHyphenatedVariants: a condition is about the variant that it
// names and about no other whose name is part of that name.
func TestConditionsOfHyphenatedVariants(t *testing.T) {
	c := catalogue()
	c.Variants = []string{"sync", "sync-resilient", "resilient"}
	for _, v := range c.Variants {
		c.Systems[v] = sim.System{Variant: v, Processes: []sim.ProcessSpec{{Service: "inventory"}}}
	}
	const text = "sync-resilient.accept.error_rate < 5%"
	sc, err := Parse("x.yaml", []byte(`name: hyphen
load: { phases: [ { for: 10s, rate: 10/s } ] }
variants: [sync, sync-resilient]
faults: [ { pause: inventory, at: 2s, for: 3s } ]
steady: [ `+text+` ]
stop: [ sync-resilient.accept.p99 > 1s && sync-resilient.backlog.peak > 100 ]
expect: [ sync-resilient.accept.p99-sync.accept.p99 < 1s ]
`), c)
	if err != nil {
		t.Fatal(err)
	}
	conditions := NewConditions(c.Variants)
	for _, condition := range append(sc.Steady, sc.Stop...) {
		if got := conditions.About(condition); !slices.Equal(got, []string{"sync-resilient"}) {
			t.Errorf("%s is about %v, expected sync-resilient", condition, got)
		}
	}
	figures := &sim.VariantResult{Accept: sim.Accept{ErrorRate: 0.1, Latency: sim.Latency{Count: 10}}}
	got := conditions.Evaluate(sc.Steady, figures)
	if len(got) != 1 || got[0].Verdict != sim.Fail || got[0].Detail != "sync-resilient.accept.error_rate = 0.1" {
		t.Errorf("%+v, expected it not to hold", got)
	}
}

// TestConditionProblems: one sentence for each thing that is wrong.
func TestConditionProblems(t *testing.T) {
	c := catalogue()
	c.Variants = []string{"async", "sync"}
	c.Systems["sync"] = c.Systems["async"]
	const live = " is not known while a trial goes; expected figures of accept, throughput.offered, throughput.accepted or backlog.peak"
	for _, row := range []struct{ why, text, want string }{
		{"a figure that is made at the end", "async.lag.convergence.p99 < 1s", "async.lag.convergence.p99" + live},
		{"all of a variant", "len(async) > 1", "async" + live},
		{"no figure at all", "async.accept.p98 < 1s", `"async.accept.p98 < 1s": there is no figure async.accept.p98`},
		{"two variants", "async.accept.p99 > sync.accept.p99", `"async.accept.p99 > sync.accept.p99" is about 2 variants, expected one`},
		{"none", "1 < 2", `"1 < 2" is about 0 variants, expected one`},
	} {
		_, err := Parse("x.yaml", []byte("name: x\nload: { phases: [ { for: 10s, rate: 10/s } ] }\nstop: [ '"+row.text+"' ]\n"), c)
		if err == nil || err.Error() != "x.yaml:3:9: stop: "+row.want {
			t.Errorf("%s:\n%v\nexpected\n%s", row.why, err, row.want)
		}
	}
}

// TestLiveFiguresExist: each of them is a figure, or nobody could ask for it.
func TestLiveFiguresExist(t *testing.T) {
	f, err := figuresOf(map[string]*sim.VariantResult{"async": {}})
	if err != nil {
		t.Fatal(err)
	}
	live := 0
	for _, figure := range measure.Figures() {
		if !figure.Live {
			continue
		}
		live++
		if lookup(f.low, Path{"async", figure.Path}) == nil {
			t.Errorf("there is no figure %s", figure.Path)
		}
	}
	if live == 0 {
		t.Error("no figure is live")
	}
}
