package measure

import (
	"math"
	"slices"
	"sync"

	"golang.org/x/perf/benchmath"
)

// Difference is how far the values of b lie from those of a. It rests on the ranks
// of the values; their means are not used.
type Difference struct {
	MedianA, MedianB float64
	NA, NB           int
	// Shift is the Hodges-Lehmann estimate, the median of all b - a, and Low and
	// High bound it with Confidence (0.95, or less where there are too few values
	// for that; 0 where there are too few for any). Relative to MedianA they are
	// shares.
	Shift, Low, High float64
	Confidence       float64
	// P is the Mann-Whitney U test's: how likely values that differ so much are
	// when there is no difference; 1 where there are too few values.
	P float64
}

// fewest is how many values each side needs for an interval.
const fewest = 3

// Differ compares two samples. The interval is the one that inverts the
// Mann-Whitney test (Hollander, Wolfe and Chicken, Nonparametric Statistical
// Methods, 3rd ed., section 4.3); P comes from golang.org/x/perf/benchmath.
func Differ(a, b []float64, confidence float64) Difference {
	d := Difference{NA: len(a), NB: len(b), MedianA: Median(a), MedianB: Median(b), P: 1}
	if len(a) == 0 || len(b) == 0 {
		return d
	}
	shifts := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			shifts = append(shifts, y-x)
		}
	}
	slices.Sort(shifts)
	d.Shift = Median(shifts)
	if len(a) < fewest || len(b) < fewest {
		return d
	}
	k, kept := rankOf(len(a), len(b), 1-confidence)
	d.Low, d.High, d.Confidence = shifts[k], shifts[len(shifts)-1-k], kept
	d.P = uTest(a, b)
	return d
}

// uTest is the P of the Mann-Whitney test; 1 for values that are all the same.
func uTest(a, b []float64) float64 {
	if all := slices.Concat(a, b); slices.Min(all) == slices.Max(all) {
		return 1
	}
	thresholds := benchmath.DefaultThresholds
	sample := func(values []float64) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(values), &thresholds)
	} // sorts them
	return benchmath.AssumeNothing.Compare(sample(a), sample(b)).P
}

// Median returns the middle value, NaN of none.
func Median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// rankOf returns the index, from either end, of the sorted shifts that bound an
// interval of at least 1 - alpha, and what its confidence really is. With too few
// values for that the outermost shifts bound it, and it is less.
func rankOf(m, n int, alpha float64) (k int, confidence float64) {
	below, p := 0.0, uOf(m, n)
	for k < len(p)/2 && below+p[k] <= alpha/2 {
		below += p[k]
		k++
	}
	if k == 0 {
		return 0, 1 - 2*p[0]
	}
	return k - 1, 1 - 2*below
}

// uKnown holds the distributions that were needed before.
var uKnown sync.Map

func uOf(m, n int) []float64 {
	key := [2]int{m, n}
	if p, ok := uKnown.Load(key); ok {
		return p.([]float64)
	}
	p := uDistribution(m, n)
	uKnown.Store(key, p)
	return p
}

// uDistribution is the probability of each value of the Mann-Whitney statistic
// of m and n values without ties, when there is no difference: the counts of
// partitions that fit into a box of m by n, by the recurrence of Mann and
// Whitney (1947).
func uDistribution(m, n int) []float64 {
	// ways[i] holds the distribution for the values of the first sample so far.
	ways := make([][]float64, n+1)
	for j := range ways {
		ways[j] = make([]float64, m*n+1)
		ways[j][0] = 1
	}
	for i := 1; i <= m; i++ {
		next := make([][]float64, n+1)
		next[0] = make([]float64, m*n+1)
		next[0][0] = 1
		for j := 1; j <= n; j++ {
			next[j] = make([]float64, m*n+1)
			share := float64(i) / float64(i+j) // the largest of all belongs to the first sample
			for u := range next[j] {
				if u >= j {
					next[j][u] += share * ways[j][u-j]
				}
				next[j][u] += (1 - share) * next[j-1][u]
			}
		}
		ways = next
	}
	return ways[n]
}
