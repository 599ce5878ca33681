package gate

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"squall/sim"
	"squall/sim/measure"
)

// made is a baseline of one variant with so many trials whose figures scatter by
// a share around those of a plausible system, times a factor.
func made(r *rand.Rand, trials int, scatter float64, factor map[string]float64) Baseline {
	s := Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}}
	for i := range trials {
		s.Trials = append(s.Trials, string(rune('a'+i)))
		s.Violations["no-loss"] = append(s.Violations["no-loss"], 0)
		for _, f := range measure.Compared() {
			times := 1.0
			if x, ok := factor[f.Unit]; ok {
				times = x
			}
			middle := 100.0
			if f.Compare.Absolute {
				middle = 0.1
			}
			s.Figures[f.Unit] = append(s.Figures[f.Unit], times*middle*math.Exp(scatter*r.NormFloat64()))
		}
	}
	return Baseline{
		Schema: BaselineSchema, Scenario: "x", Digest: "d", Class: "c", Backing: "embedded", Variants: map[string]Samples{"async": s},
	}
}

func random() *rand.Rand { return rand.New(rand.NewPCG(3, 4)) }

func rowOf(t *testing.T, c Comparison, metric string) Row {
	t.Helper()
	for _, r := range c.Rows {
		if r.Metric == metric {
			return r
		}
	}
	t.Fatalf("no %s in %+v", metric, c.Rows)
	return Row{}
}

func TestVerdicts(t *testing.T) {
	r := random()
	base := made(r, 10, 0.02, nil)
	head := made(r, 10, 0.02, map[string]float64{"accept-p99-ms": 1.4, "lag-p50-ms": 0.7, "completed/s": 0.8, "complete-p50-ms": 1.04})
	head.Variants["async"].Figures["cpu-ms/order"] = made(r, 10, 0.5, nil).Variants["async"].Figures["cpu-ms/order"]
	c, err := Compare(base, head, Rule{})
	if err != nil {
		t.Fatal(err)
	}
	for metric, want := range map[string]Verdict{
		"accept p99": Worse, "lag p50": Better, "throughput": Worse, // of which more is better
		"complete p50": Same, // there, and too little to matter
		"accept p50":   Same, "CPU per order": CannotTell,
	} {
		if row := rowOf(t, c, metric); row.Verdict != want {
			t.Errorf("%s is %s, expected %s: %+v", metric, row.Verdict, want, row)
		}
	}
	if row := rowOf(t, c, "CPU per order"); row.Enough <= 10 || row.Why == "" {
		t.Errorf("what would be enough: %+v", row)
	}
	if c.Worse != 2 || c.Better != 1 {
		t.Errorf("%d worse, %d better", c.Worse, c.Better)
	}
	if c, _ := Compare(base, head, Rule{Metrics: asked("accept p99", nil, ptr(0.9))}); rowOf(t, c, "accept p99").Verdict != Same {
		t.Error("a least effect of 90 % does not keep 40 % from being worse")
	}
	few, err := Compare(made(r, 4, 0.02, nil), made(r, 4, 0.02, map[string]float64{"accept-p99-ms": 5}), Rule{})
	if row := rowOf(t, few, "accept p99"); err != nil || row.Verdict != CannotTell || row.Enough != 7 {
		t.Errorf("four trials: %+v, %v", row, err)
	}
}

func ptr(x float64) *float64 { return &x }

func asked(metric string, alpha, least *float64) map[string]sim.Threshold {
	return map[string]sim.Threshold{metric: {Alpha: alpha, MinEffect: least}}
}

// TestThresholds: what the rule asks comes before what the scenario asks, and
// that before the defaults; a latency below a millisecond is nobody's concern.
func TestThresholds(t *testing.T) {
	r := random()
	base, head := made(r, 10, 0.02, nil), made(r, 10, 0.02, map[string]float64{"accept-p99-ms": 1.4})
	verdict := func(rule Rule) Verdict {
		t.Helper()
		c, err := Compare(base, head, rule)
		if err != nil {
			t.Fatal(err)
		}
		return rowOf(t, c, "accept p99").Verdict
	}
	head.Thresholds = asked("accept p99", nil, ptr(0.6))
	if v := verdict(Rule{}); v != Same {
		t.Errorf("with 60 %% asked by the scenario: %s", v)
	}
	if v := verdict(Rule{Metrics: asked("accept p99", nil, ptr(0.3))}); v != Worse {
		t.Errorf("with 30 %% asked by the rule: %s", v)
	}
	if v := verdict(Rule{Metrics: asked("accept p99", ptr(1e-9), ptr(0.3))}); v != CannotTell {
		t.Errorf("with an alpha that ten trials cannot come to: %s", v)
	}
	for _, b := range []Baseline{base, head} {
		for i := range b.Variants["async"].Figures["accept-p50-ms"] {
			b.Variants["async"].Figures["accept-p50-ms"][i] /= 100 // about 1 ms
		}
	}
	for i := range head.Variants["async"].Figures["accept-p50-ms"] {
		head.Variants["async"].Figures["accept-p50-ms"][i] += 0.5
	}
	c, err := Compare(base, head, Rule{})
	if row := rowOf(t, c, "accept p50"); err != nil || row.Verdict != Same || row.Effect < 0.4 {
		t.Errorf("half a millisecond more: %+v, %v", row, err)
	}
}

// TestShares: a share is of the ratio, and its interval lies above -100 %,
// however the figures scatter; a p does not depend on that.
func TestShares(t *testing.T) {
	r := random()
	base, head := made(r, 10, 1.2, nil), made(r, 10, 1.2, map[string]float64{"accept-p99-ms": 0.1})
	head.Variants["async"].Figures["lag-p50-ms"][0] = 0 // no ratio
	c, err := Compare(base, head, Rule{})
	if err != nil {
		t.Fatal(err)
	}
	row := rowOf(t, c, "accept p99")
	if row.Low <= -1 || row.Effect <= row.Low || row.High <= row.Effect || row.Effect > -0.5 {
		t.Errorf("a tenth of it: %+v", row)
	}
	s, o := base.Variants["async"], head.Variants["async"]
	if p := measure.Differ(s.Figures["accept-p99-ms"], o.Figures["accept-p99-ms"], 0.99).P; p != row.P {
		t.Errorf("p is %v of the values, %v of the comparison", p, row.P)
	}
	if zero := rowOf(t, c, "lag p50"); math.IsInf(zero.Effect, 0) || math.IsNaN(zero.Low) {
		t.Errorf("with a figure of 0: %+v", zero)
	}
}

// TestOneOrderIsARegression, however few trials there are, and whatever the
// figures say; what the base broke too is compared like a figure.
func TestOneOrderIsARegression(t *testing.T) {
	r := random()
	base, head := made(r, 2, 0.02, nil), made(r, 2, 0.02, nil)
	head.Variants["async"].Violations["no-loss"] = []int{0, 1}
	c, err := Compare(base, head, Rule{})
	if err != nil || c.Worse != 1 || rowOf(t, c, "no-loss").Verdict != Worse {
		t.Errorf("one lost order: %+v, %v", c.Rows, err)
	}
	base.Variants["async"].Violations["no-loss"] = []int{9, 11, 10, 8, 9, 12, 10, 9}
	head.Variants["async"].Violations["no-loss"] = []int{10, 9, 12, 9, 8, 10, 11, 9}
	if c, err := Compare(base, head, Rule{}); err != nil || c.Worse != 0 {
		t.Errorf("as many as before: %+v, %v", c.Rows, err)
	}
	head.Variants["async"].Violations["no-loss"] = []int{30, 29, 32, 29, 28, 30, 31, 29}
	if c, err := Compare(base, head, Rule{}); err != nil || c.Worse != 1 {
		t.Errorf("three times as many: %+v, %v", c.Rows, err)
	}
}

func TestConditionsAreNamed(t *testing.T) {
	base, head := made(random(), 10, 0.02, nil), made(random(), 10, 0.02, nil)
	head.Digest, head.Class, head.Servers = "e", "other", map[string]string{"broker": "RabbitMQ 4"}
	head.Versions = map[string]string{"go": "go2", "revision": "b"}
	_, err := Compare(base, head, Rule{})
	var c *ConditionsError
	if !errors.As(err, &c) || len(c.Changed) != 4 {
		t.Fatalf("saw %v", err)
	}
	for _, want := range []string{"machine: c, then other", "broker: (none), then RabbitMQ 4", "go: (none), then go2", "--across"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	gone := head
	gone.Variants = map[string]Samples{"other": head.Variants["async"]}
	if c, err := Compare(base, gone, Rule{Across: true}); err != nil ||
		!slices.Contains(c.Changed, "variant async is only in the first") || !slices.Contains(c.Changed, "variant other is only in the second") {
		t.Errorf("variants of one side alone: %v, %v", c.Changed, err)
	}
	if across, err := Compare(base, head, Rule{Across: true}); err != nil || len(across.Changed) != 4 {
		t.Errorf("across: %v, %v", across.Changed, err)
	}
	head = made(random(), 10, 0.02, nil)
	head.Versions = map[string]string{"revision": "b", "squall": "v2"}
	if _, err := Compare(base, head, Rule{}); err != nil {
		t.Errorf("another revision is what is compared: %v", err)
	}
}
