package measure

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The ranks are those of the tables of the Mann-Whitney test (two-sided, 5 %).
func TestRankOf(t *testing.T) {
	for _, c := range []struct {
		m, n, rank int
		confidence float64
	}{
		{10, 10, 24, 0.9565}, {5, 5, 3, 0.9683}, {8, 8, 14, 0.9501}, {4, 4, 1, 0.9714}, {3, 3, 1, 0.9}, {3, 9, 3, 0.9636},
	} {
		k, confidence := rankOf(c.m, c.n, 0.05)
		if k+1 != c.rank || math.Abs(confidence-c.confidence) > 5e-4 {
			t.Errorf("%d and %d values: rank %d with confidence %.4f, expected %d with %.4f", c.m, c.n, k+1, confidence, c.rank, c.confidence)
		}
	}
	sum := 0.0
	for _, p := range uDistribution(7, 4) {
		sum += p
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the probabilities add up to %v", sum)
	}
}

// TestIntervalCovers: of many pairs of samples from skewed distributions that lie
// a known way apart, about 95 % of the intervals hold that.
func TestIntervalCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const pairs, apart = 4000, 3.0
	covered := 0
	for range pairs {
		var a, b []float64
		for range 10 {
			a = append(a, math.Exp(r.NormFloat64()))
			b = append(b, apart+math.Exp(r.NormFloat64()))
		}
		if d := Differ(a, b, 0.95); d.Low <= apart && apart <= d.High {
			covered++
		}
	}
	// The exact confidence is 95.65 %; four standard deviations are 1.3 %.
	if share := float64(covered) / pairs; share < 0.9435 || share > 0.9695 {
		t.Errorf("%.2f %% of the intervals hold the difference", 100*share)
	}
}

func TestDiffer(t *testing.T) {
	d := Differ([]float64{1, 2, 3, 4, 5}, []float64{11, 12, 13, 14, 15}, 0.95)
	if d.Shift != 10 || d.MedianA != 3 || d.MedianB != 13 || d.Low > 10 || d.High < 10 || d.Low <= 0 || math.Abs(d.P-2.0/252) > 1e-9 {
		t.Errorf("%+v", d)
	}
	if d := Differ([]float64{0, 0, 0, 0}, []float64{0, 0, 0, 0}, 0.95); d.P != 1 || d.Shift != 0 || d.Low != 0 || d.High != 0 {
		t.Errorf("all the same: %+v", d)
	}
	if d := Differ([]float64{1, 2}, []float64{3, 4}, 0.95); d.Confidence != 0 || d.P != 1 || d.Shift != 2 {
		t.Errorf("too few: %+v", d)
	}
	if d := Differ(nil, []float64{1}, 0.95); !math.IsNaN(d.MedianA) || d.P != 1 {
		t.Errorf("none: %+v", d)
	}
}
