package main

import (
	"math/rand/v2"

	"squall/sim/gate"
)

// deal mixes the trials of two sides and deals them out to two new ones. A trial's
// figures stay together.
func deal(r *rand.Rand, a, b gate.Baseline) (x, y gate.Baseline) {
	x, y = a, b
	x.Variants, y.Variants = map[string]gate.Samples{}, map[string]gate.Samples{}
	for _, name := range sortedVariants(a) {
		s, t := a.Variants[name], b.Variants[name]
		order := r.Perm(len(s.Trials) + len(t.Trials))
		first, second := gate.Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}}, gate.Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}}
		for i, from := range order {
			to := &first
			if i >= len(s.Trials) {
				to = &second
			}
			source, at := s, from
			if from >= len(s.Trials) {
				source, at = t, from-len(s.Trials)
			}
			to.Trials = append(to.Trials, source.Trials[at])
			for unit, values := range source.Figures {
				if at < len(values) {
					to.Figures[unit] = append(to.Figures[unit], values[at])
				}
			}
			for inv, counts := range source.Violations {
				if at < len(counts) {
					to.Violations[inv] = append(to.Violations[inv], counts[at])
				}
			}
		}
		x.Variants[name], y.Variants[name] = first, second
	}
	return x, y
}

func sortedVariants(b gate.Baseline) (names []string) {
	for name := range b.Variants {
		names = append(names, name)
	}
	return sorted(names)
}
