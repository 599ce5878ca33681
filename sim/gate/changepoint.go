package gate

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The settings of the search for change points: how long the stretch on either
// side of one must be, how many permutations its test takes, and how unlikely it
// must be by chance.
const (
	leastStretch = 3
	permutations = 999
	changeAlpha  = 0.005
)

// ChangePoints returns where a series changes: the indexes of the first values
// after each change, sorted. It is E-divisive (Matteson and James, A Nonparametric
// Approach for Multiple Change Point Analysis of Multivariate Data, JASA 2014): a
// stretch is divided where the energy distance of the two parts is greatest, if
// hardly any order of the same values would divide as well, and the parts are
// searched in turn. The same series gives the same points.
func ChangePoints(series []float64) []int {
	var points []int
	r := rand.New(rand.NewPCG(1, uint64(len(series))))
	var search func(from, to int)
	search = func(from, to int) {
		part := slices.Clone(series[from:to])
		at, q := divide(part)
		if at == 0 {
			return
		}
		as := 1
		for range permutations {
			r.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
			if _, other := divide(part); other >= q {
				as++
			}
		}
		if float64(as)/(permutations+1) > changeAlpha {
			return
		}
		points = append(points, from+at)
		search(from, from+at)
		search(from+at, to)
	}
	search(0, len(series))
	slices.Sort(points)
	return points
}

// divide returns where a series is best divided: the end of its first part X such
// that the distance from X to some stretch Y right after it is greatest, and that
// distance:
//
//	mn/(m+n) * (2/mn sum|x-y| - 2/(m(m-1)) sum|x-x'| - 2/(n(n-1)) sum|y-y'|)
//
// Y need not reach to the end: what goes up and comes down again is found, too. 0
// where the series is too short.
func divide(s []float64) (at int, most float64) {
	n := len(s)
	if n < 2*leastStretch {
		return 0, 0
	}
	sums := pairSums(s)
	pairs := func(from, to int) float64 { // of the distances within s[from:to]
		return (sums[to][to] - sums[from][to] - sums[to][from] + sums[from][from]) / 2
	}
	for k := leastStretch; k <= n-leastStretch; k++ {
		for end := k + leastStretch; end <= n; end++ {
			m, l := float64(k), float64(end-k)
			x, y, both := pairs(0, k), pairs(k, end), pairs(0, end)
			across := both - x - y
			if q := m * l / (m + l) * (2/(m*l)*across - 2/(m*(m-1))*x - 2/(l*(l-1))*y); q > most {
				at, most = k, q
			}
		}
	}
	return at, most
}

// pairSums has, at i and j, the sum of the distances of all of s[:i] to all of
// s[:j].
func pairSums(s []float64) [][]float64 {
	sums := make([][]float64, len(s)+1)
	sums[0] = make([]float64, len(s)+1)
	for i := range s {
		sums[i+1] = make([]float64, len(s)+1)
		row := 0.0
		for j := range s {
			row += math.Abs(s[i] - s[j])
			sums[i+1][j+1] = sums[i][j+1] + row
		}
	}
	return sums
}
