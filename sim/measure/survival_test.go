package measure

import (
	"errors"
	"slices"
	"testing"

	"squall/sim"
)

// TestKaplanMeierByHand: ten orders, in milliseconds; + marks those that were
// censored.
//
//	time   1    2    3+   4    5    6+   7    8+   9    10+
//	n      10   9    8    7    6    5    4    3    2    1
//	S      .9   .8   .8   .686 .571 .571 .429 .429 .214 .214
//
// with .8*6/7 = .686, *5/6 = .571, *3/4 = .429, *1/2 = .214. S first falls to .5
// or below at 7, which a plain quantile of all ten would put at 5; it never
// falls to .1, so that p90 is only known to be at least 10.
func TestKaplanMeierByHand(t *testing.T) {
	s := newSurvival()
	for i := int64(1); i <= 10; i++ {
		s.add(i*ms, slices.Contains([]int64{3, 6, 8, 10}, i))
	}
	for _, c := range []struct {
		q       float64
		want    float64
		reached bool
	}{{0.1, 1, true}, {0.2, 2, true}, {0.3, 4, true}, {0.4, 5, true}, {0.5, 7, true}, {0.75, 9, true}, {0.9, 10, false}} {
		us, reached := s.quantile(s.steps(), c.q)
		near(t, "quantile", float64(us)/1e3, c.want)
		if reached != c.reached {
			t.Errorf("quantile %g: reached %v, expected %v", c.q, reached, c.reached)
		}
	}
	c := s.convergence()
	near(t, "p50", c.P50, 7)
	near(t, "p90", c.P90, 10)
	if c.Count != 10 || c.Censored != 4 || !slices.Equal(c.AtLeast, []sim.Statistic{sim.P90, sim.P99, sim.P999, sim.Max, sim.Mean}) {
		t.Errorf("%+v", c)
	}
	both := newSurvival()
	if err := errors.Join(both.merge(c), both.merge(c)); err != nil {
		t.Fatal(err)
	}
	sum := both.convergence()
	near(t, "p50 of two alike", sum.P50, 7)
	if sum.Count != 20 || sum.Censored != 8 {
		t.Errorf("sum: %d, %d censored", sum.Count, sum.Censored)
	}
}

func TestWithoutCensoringItIsThePlainQuantile(t *testing.T) {
	s, h := newSurvival(), newHistogram()
	for i := int64(1); i <= 1000; i++ {
		s.add(i*ms, false)
		h.add(i * ms)
	}
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
		us, reached := s.quantile(s.steps(), q)
		if !reached {
			t.Errorf("%g was not reached", q)
		}
		near(t, "quantile", float64(us)/1e3, h.quantile(100*q))
	}
	if len(s.convergence().AtLeast) > 0 {
		t.Error("a lower bound without censoring")
	}
}
