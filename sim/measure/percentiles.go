package measure

import (
	"math"

	"squall/sim"
)

// Percentile is a point of a distribution: Of of a hundred are at or under MS
// milliseconds. Odds is 1/(1 - Of/100): 10 for the 90th percentile, 100 for the
// 99th, which is even on a logarithmic axis.
type Percentile struct {
	Odds float64 `json:"odds"`
	Of   float64 `json:"of"`
	MS   float64 `json:"ms"`
}

// percentileSteps is how many points there are from one nine to the next.
const percentileSteps = 10

// Percentiles lays a distribution out by percentile, as far as there are values
// beyond: with n values the last point is the n-th of n. It needs the packed
// histogram; nothing is returned without, and an error for one that cannot be
// decoded.
func Percentiles(l sim.Latency) (points []Percentile, err error) {
	h := newHistogram()
	if err := h.merge(l.Packed); err != nil {
		return nil, err
	}
	n := float64(h.h.TotalCount())
	for step := 0; n > 0; step++ {
		odds := math.Pow(10, float64(step)/percentileSteps)
		if odds >= n {
			return append(points, Percentile{n, 100 * (1 - 1/n), h.quantile(100)}), nil
		}
		of := 100 * (1 - 1/odds)
		points = append(points, Percentile{odds, of, h.quantile(of)})
	}
	return points, nil
}
