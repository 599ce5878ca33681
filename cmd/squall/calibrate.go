package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"squall/reports"
	"squall/sim/gate"
)

// resamples is how often the trials of a calibration are dealt out anew.
const resamples = 400

// calibration says how often the rule raises a false alarm when all trials are of
// one build, and how small an effect it finds in each figure.
func (b *bench) calibration(out io.Writer, base, head gate.Baseline, rule gate.Rule) error {
	asRun, err := gate.Compare(base, head, rule)
	if err != nil {
		return conditions(err)
	}
	r := rand.New(rand.NewPCG(1, 1)) // the same figures give the same answer
	alarms := 0
	for range resamples {
		x, y := deal(r, base, head)
		cmp, err := gate.Compare(x, y, rule)
		if err != nil {
			return conditions(err)
		}
		if cmp.Worse > 0 {
			alarms++
		}
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%s, %d and %d trials of one build on this machine\n", base.Scenario, b.repeats, b.repeats)
	fmt.Fprintf(&s, "as they ran, in turn: %s\n", reports.Conclusion(asRun))
	fmt.Fprintf(&s, "false alarms: %.1f %% of %d comparisons of these trials, dealt out anew each time\n\nsmallest effect that %d repeats find eight times of ten:\n", 100*float64(alarms)/resamples, resamples, b.repeats)
	for _, variant := range slices.Sorted(maps.Keys(base.Variants)) {
		for _, m := range gate.Metrics {
			values := append(append([]float64{}, base.Variants[variant].Figures[m.Unit]...), head.Variants[variant].Figures[m.Unit]...)
			if m.Absolute || len(values) == 0 {
				continue
			}
			effect := gate.Resolution(values, m, rule, b.repeats, r.IntN)
			text := fmt.Sprintf("%.0f %%", 100*effect)
			if math.IsInf(effect, 1) {
				text = "none of those tried (up to 200 %)"
			}
			fmt.Fprintf(&s, "  %-8s %-14s %s\n", variant, m.Name, text)
		}
	}
	_, err = io.WriteString(out, s.String())
	return err
}

// deal mixes the trials of two sides and deals them out to two new ones. A trial's
// figures stay together.
func deal(r *rand.Rand, a, b gate.Baseline) (x, y gate.Baseline) {
	x, y = a, b
	x.Variants, y.Variants = map[string]gate.Samples{}, map[string]gate.Samples{}
	for _, name := range slices.Sorted(maps.Keys(a.Variants)) {
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
