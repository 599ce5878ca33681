package gate

import (
	"errors"
	"fmt"
	"slices"

	"squall/sim/measure"
)

// Merge adds up runs that were made under the same conditions, such as the repeats
// of a bench. Others are an error, and so is a histogram that cannot be decoded.
func Merge(runs []Baseline) (Baseline, error) {
	if len(runs) == 0 {
		return Baseline{}, errors.New("add up runs: there are none")
	}
	all := runs[0]
	all.Variants = map[string]Samples{}
	for i, run := range runs {
		if changes := changed(runs[0], run); len(changes) > 0 {
			return Baseline{}, fmt.Errorf("%s and %s cannot be added up: %w", runs[0].Run, run.Run, &ConditionsError{changes})
		}
		for name, s := range run.Variants {
			prefix := ""
			if i > 0 {
				prefix = fmt.Sprintf("%d/", i+1)
			}
			sum, err := all.Variants[name].add(s, prefix)
			if err != nil {
				return Baseline{}, fmt.Errorf("%s cannot be added up: %s: %w", run.Run, name, err)
			}
			all.Variants[name] = sum
		}
	}
	return all, nil
}

// add returns the samples with the trials of another run, whose names get a prefix.
func (s Samples) add(o Samples, prefix string) (Samples, error) {
	if s.Figures == nil {
		s = Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}, Histograms: map[string]string{}}
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
		merged, err := measure.MergePacked(s.Histograms[name], packed)
		if err != nil {
			return s, fmt.Errorf("%s: %w", name, err)
		}
		s.Histograms[name] = merged
	}
	return s, nil
}
