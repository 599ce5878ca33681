package gate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// noisy is a series of stretches, each with its own level, that scatter by 3 %.
func noisy(r *rand.Rand, length int, levels ...float64) (s []float64) {
	for _, level := range levels {
		for range length {
			s = append(s, level*(1+0.03*r.NormFloat64()))
		}
	}
	return s
}

// TestChangePointsAreFound: steps of 20 % and more are found at most one value
// from where they are; of 40 series at most two have a point besides.
func TestChangePointsAreFound(t *testing.T) {
	t.Parallel() // it only computes
	r := rand.New(rand.NewPCG(5, 6))
	more := 0
	for _, c := range []struct {
		levels []float64
		at     []int
	}{
		{[]float64{100, 130}, []int{12}},
		{[]float64{100, 80}, []int{12}},
		{[]float64{100, 130, 100}, []int{12, 24}},
		{[]float64{100, 130, 200, 90}, []int{12, 24, 36}},
	} {
		for range 10 {
			got := ChangePoints(noisy(r, 12, c.levels...))
			for _, want := range c.at {
				if !slices.ContainsFunc(got, func(x int) bool { return x-want >= -1 && x-want <= 1 }) {
					t.Errorf("levels %v: changes at %v, expected %v", c.levels, got, c.at)
				}
			}
			more += len(got) - len(c.at)
		}
	}
	if more > 2 {
		t.Errorf("%d points too many", more)
	}
}

// TestNoChangeIsNone: of 80 series without a change at most two have one.
func TestNoChangeIsNone(t *testing.T) {
	t.Parallel() // it only computes
	r := rand.New(rand.NewPCG(7, 8))
	alarms := 0
	for range 80 {
		if len(ChangePoints(noisy(r, 30, 100))) > 0 {
			alarms++
		}
	}
	if alarms > 2 {
		t.Errorf("%d of 80 series without a change have one", alarms)
	}
	for _, short := range [][]float64{nil, {1}, {1, 2, 3, 100, 200}, {5, 5, 5, 5, 5, 5, 5, 5}} {
		if points := ChangePoints(short); len(points) > 0 {
			t.Errorf("%v changes at %v", short, points)
		}
	}
}

// TestOneOutlierIsNoChange: a run that was disturbed is no change of the system.
func TestOneOutlierIsNoChange(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	s := noisy(r, 24, 100)
	s[11] = 300
	if points := ChangePoints(s); len(points) > 0 {
		t.Errorf("changes at %v", points)
	}
}
