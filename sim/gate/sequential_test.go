package gate

import (
	"math/rand/v2"
	"testing"
)

// TestFalseAlarms: of comparisons of a system with itself, looked at after every
// repeat, at most one in twenty is called worse; and half as slow again is always
// found.
func TestFalseAlarms(t *testing.T) {
	t.Parallel() // it only computes
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
	if c, done, err := rule.Look(made(r, 2, 0.1, nil), harmed, 2); err != nil || !done || c.Worse != 1 || c.Stopped != 2 {
		t.Errorf("a lost order: done %v, %d worse, %v", done, c.Worse, err)
	}
	c, done, err := rule.Look(made(r, 9, 0.02, nil), made(r, 9, 0.02, map[string]float64{"lag-p99-ms": 2}), 9)
	if err != nil || !done || c.Worse != 1 {
		t.Errorf("twice the lag: done %v, %d worse, %v", done, c.Worse, err)
	}
	if c, done, err := rule.Look(made(r, 12, 0.005, nil), made(r, 12, 0.005, nil), 12); err != nil || !done || c.Worse != 0 {
		t.Errorf("all the same: done %v, %d worse, %v", done, c.Worse, err)
	}
	if _, done, err := rule.Look(made(r, 3, 0.1, nil), made(r, 3, 0.1, nil), 3); err != nil || done {
		t.Errorf("three repeats that say nothing: done %v, %v", done, err)
	}
}
