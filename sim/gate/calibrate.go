package gate

import (
	"maps"
	"math/rand/v2"
	"slices"

	"squall/sim/measure"
)

// Calibration says how often a rule raises a false alarm when all trials are of
// one build, and how small an effect it finds in each figure.
type Calibration struct {
	Scenario  string
	Repeats   int        // of each side
	AsRun     Comparison // the sides as they were run
	Alarms    int        // of Resamples comparisons of the same trials, dealt out anew
	Resamples int
	Effects   []SmallestEffect
}

// SmallestEffect is the smallest effect that so many repeats find eight times of
// ten, as a share of the figure; infinite where none of those tried is found.
type SmallestEffect struct {
	Variant, Metric string
	Effect          float64
}

// resamples is how often the trials of a calibration are dealt out anew.
const resamples = 400

// Calibrate judges two sides that are of one build.
func Calibrate(base, head Baseline, rule Rule, repeats int) (c Calibration, err error) {
	c = Calibration{Scenario: base.Scenario, Repeats: repeats, Resamples: resamples}
	if c.AsRun, err = Compare(base, head, rule); err != nil {
		return c, err
	}
	r := rand.New(rand.NewPCG(1, 1)) // the same figures give the same answer
	for range resamples {
		x, y := deal(r, base, head)
		cmp, err := Compare(x, y, rule)
		if err != nil {
			return c, err
		}
		if cmp.Worse > 0 {
			c.Alarms++
		}
	}
	for _, variant := range slices.Sorted(maps.Keys(base.Variants)) {
		for _, f := range measure.Compared() {
			values := slices.Concat(base.Variants[variant].Figures[f.Unit], head.Variants[variant].Figures[f.Unit])
			if f.Compare.Absolute || len(values) == 0 {
				continue
			}
			c.Effects = append(c.Effects, SmallestEffect{variant, f.Name, Resolution(values, f, rule, repeats, r.IntN)})
		}
	}
	return c, nil
}

// deal mixes the trials of two sides and deals them out to two new ones. A trial's
// figures stay together.
func deal(r *rand.Rand, a, b Baseline) (x, y Baseline) {
	x, y = a, b
	x.Variants, y.Variants = map[string]Samples{}, map[string]Samples{}
	for _, name := range slices.Sorted(maps.Keys(a.Variants)) {
		s, t := a.Variants[name], b.Variants[name]
		order := r.Perm(len(s.Trials) + len(t.Trials))
		first := Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}}
		second := Samples{Figures: map[string][]float64{}, Violations: map[string][]int{}}
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
