package gate

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"squall/sim"
)

// made is a baseline of one variant with so many trials whose figures scatter by
// a share around those of a plausible system, times a factor.
func made(r *rand.Rand, trials int, scatter float64, factor map[string]float64) Baseline {
	s := Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}}
	for i := range trials {
		s.Trials = append(s.Trials, string(rune('a'+i)))
		s.Violations["no-loss"] = append(s.Violations["no-loss"], 0)
		for _, m := range Metrics {
			if m.Unit == "violations" {
				continue
			}
			f := 1.0
			if x, ok := factor[m.Unit]; ok {
				f = x
			}
			middle := 100.0
			if m.Absolute {
				middle = 0.1
			}
			s.Figures[m.Unit] = append(s.Figures[m.Unit], f*middle*math.Exp(scatter*r.NormFloat64()))
		}
	}
	return Baseline{Schema: BaselineSchema, Scenario: "x", Digest: "d", Class: "c", Backing: "embedded", Variants: map[string]Samples{"async": s}}
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
	if c, _ := Compare(base, head, Rule{MinEffect: map[string]float64{"accept p99": 0.9}}); rowOf(t, c, "accept p99").Verdict != Same {
		t.Error("a least effect of 90 % does not keep 40 % from being worse")
	}
	few, err := Compare(made(r, 4, 0.02, nil), made(r, 4, 0.02, map[string]float64{"accept-p99-ms": 5}), Rule{})
	if row := rowOf(t, few, "accept p99"); err != nil || row.Verdict != CannotTell || row.Enough != 7 {
		t.Errorf("four trials: %+v, %v", row, err)
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
	base.Variants["async"].Violations["no-loss"], head.Variants["async"].Violations["no-loss"] = []int{9, 11, 10, 8, 9, 12, 10, 9}, []int{10, 9, 12, 9, 8, 10, 11, 9}
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
	head.Digest, head.Class, head.Servers, head.Versions = "e", "other", map[string]string{"broker": "RabbitMQ 4"}, map[string]string{"go": "go2", "revision": "b"}
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
	if across, err := Compare(base, head, Rule{Across: true}); err != nil || len(across.Changed) != 4 {
		t.Errorf("across: %v, %v", across.Changed, err)
	}
	head = made(random(), 10, 0.02, nil)
	head.Versions = map[string]string{"revision": "b", "squall": "v2"}
	if _, err := Compare(base, head, Rule{}); err != nil {
		t.Errorf("another revision is what is compared: %v", err)
	}
}

// TestFalseAlarms: of comparisons of a system with itself, looked at after every
// repeat, at most one in twenty is called worse; and half as slow again is always
// found.
func TestFalseAlarms(t *testing.T) {
	const comparisons, repeats = 400, 10
	r := random()
	alarms := 0
	for range comparisons {
		if worse(t, r, repeats, nil) {
			alarms++
		}
	}
	if alarms > comparisons/20 {
		t.Errorf("%d false alarms in %d comparisons", alarms, comparisons)
	}
	for range 50 {
		if !worse(t, r, repeats, map[string]float64{"complete-p50-ms": 1.5}) {
			t.Error("half as slow again was not found")
		}
	}
}

// worse simulates a bench: it looks after every repeat, as the rule does.
func worse(t *testing.T, r *rand.Rand, repeats int, factor map[string]float64) bool {
	t.Helper()
	base, head := made(r, repeats, 0.1, nil), made(r, repeats, 0.1, factor)
	rule := Sequential{Repeats: repeats}
	for n := 1; ; n++ {
		c, done, err := rule.Look(first(base, n), first(head, n), n)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			return c.Worse > 0
		}
	}
}

// first is what there is of a baseline after so many repeats.
func first(b Baseline, n int) Baseline {
	s := b.Variants["async"]
	short := Samples{Trials: s.Trials[:n], Figures: map[string][]float64{}, Violations: map[string][]int{"no-loss": make([]int, n)}}
	for unit, values := range s.Figures {
		short.Figures[unit] = values[:n]
	}
	b.Variants = map[string]Samples{"async": short}
	return b
}

// TestBenchStopsEarly: an order that came to harm, and a difference that chance
// could not make, end a bench; so does a system that is the same in all.
func TestBenchStopsEarly(t *testing.T) {
	r := random()
	harmed := made(r, 2, 0.1, nil)
	harmed.Variants["async"].Violations["no-loss"][1] = 1
	rule := Sequential{Repeats: 30}
	if c, done, err := rule.Look(made(r, 2, 0.1, nil), harmed, 2); err != nil || !done || c.Worse != 1 {
		t.Errorf("a lost order: done %v, %d worse, %v", done, c.Worse, err)
	}
	if c, done, err := rule.Look(made(r, 9, 0.02, nil), made(r, 9, 0.02, map[string]float64{"lag-p99-ms": 2}), 9); err != nil || !done || c.Worse != 1 {
		t.Errorf("twice the lag: done %v, %d worse, %v", done, c.Worse, err)
	}
	if c, done, err := rule.Look(made(r, 12, 0.005, nil), made(r, 12, 0.005, nil), 12); err != nil || !done || c.Worse != 0 {
		t.Errorf("all the same: done %v, %d worse, %v", done, c.Worse, err)
	}
	if _, done, err := rule.Look(made(r, 3, 0.1, nil), made(r, 3, 0.1, nil), 3); err != nil || done {
		t.Errorf("three repeats that say nothing: done %v, %v", done, err)
	}
}

func TestBaselineOfARecordedRun(t *testing.T) {
	dir, info, err := sim.ReadRun(filepath.Join("..", "..", "reports", "testdata", "small-storm"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir.ResultFile())
	if err != nil {
		t.Fatal(err)
	}
	var result sim.Result
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatal(err)
	}
	b := NewBaseline(info, &result)
	file := filepath.Join(t.TempDir(), b.FileName())
	if err := sim.WriteJSON(file, b); err != nil {
		t.Fatal(err)
	}
	read, err := ReadBaseline(file)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := os.Stat(file); s.Size() > 200_000 {
		t.Errorf("%d bytes", s.Size())
	}
	two, err := Merge([]Baseline{read, b})
	if err != nil {
		t.Fatal(err)
	}
	sync := two.Variants["sync"]
	if len(sync.Trials) != 2 || len(sync.Figures["accept-p99-ms"]) != 2 || len(sync.Violations["all-or-none"]) != 2 || sync.Violations["all-or-none"][0] == 0 {
		t.Errorf("two runs added up: %+v", sync)
	}
	if len(b.Variants["sync"].Trials) != 1 || len(sync.Figures["lag-p99-ms"]) != 0 {
		t.Errorf("adding up changed a part, or a lower bound is a sample: %+v", b.Variants["sync"])
	}
	if _, err := ReadBaseline(dir.RunFile()); !errors.Is(err, ErrNoBaseline) {
		t.Errorf("run.json is taken for a baseline: %v", err)
	}
}
