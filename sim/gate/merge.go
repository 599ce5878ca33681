package gate

import (
	"fmt"
	"slices"

	"squall/sim/measure"
)

// Merge adds up runs that were made under the same conditions, such as the repeats
// of a bench. Others are an error.
func Merge(runs []Baseline) (Baseline, error) {
	all := runs[0]
	all.Variants = map[string]Samples{}
	for i, run := range runs {
		if changes := changed(runs[0], run); len(changes) > 0 {
			return Baseline{}, fmt.Errorf("%s and %s cannot be added up: %w", runs[0].Run, run.Run, &ConditionsError{changes})
		}
		for name, s := range run.Variants {
			if i == 0 {
				all.Variants[name] = s.clone()
				continue
			}
			all.Variants[name] = all.Variants[name].add(s, fmt.Sprintf("%d/", i+1))
		}
	}
	return all, nil
}

func (s Samples) clone() Samples {
	return Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}, Histograms: map[string]string{}}.add(s, "")
}

// add adds the trials of another run, whose names get a prefix.
func (s Samples) add(o Samples, prefix string) Samples {
	if s.Figures == nil {
		s = s.clone()
	}
	for _, t := range o.Trials {
		s.Trials = append(slices.Clip(s.Trials), prefix+t)
	}
	for _, why := range o.LeftOut {
		s.LeftOut = append(slices.Clip(s.LeftOut), prefix+why)
	}
	for unit, values := range o.Figures {
		s.Figures[unit] = append(slices.Clip(s.Figures[unit]), values...)
	}
	for name, counts := range o.Violations {
		s.Violations[name] = append(slices.Clip(s.Violations[name]), counts...)
	}
	for name, packed := range o.Histograms {
		s.Histograms[name] = measure.MergePacked(s.Histograms[name], packed)
	}
	return s
}
