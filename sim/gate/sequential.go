package gate

import (
	"math"
	"slices"

	"squall/sim"
)

// Sequential is the rule by which a bench may stop before its last repeat, after
// Haybittle (1971) and Peto et al. (1976): at every look before the last one a
// difference counts only when its P is so much smaller than Alpha that the looks
// together hardly add to the false alarms; the last look is judged by Alpha
// itself. It stops early, too, when every figure is the same, which raises no alarm,
// and when an invariant was broken that the base never broke.
type Sequential struct {
	Rule
	Repeats int // at most, of each side
}

// peto is by which factor the alpha of a look before the last is smaller.
const peto = 10

// Look judges what there is after n repeats of each side. done says that more
// repeats would not change the answer.
func (s Sequential) Look(base, head Baseline, n int) (c Comparison, done bool, err error) {
	c, err = Compare(base, head, s.Rule)
	if err != nil || n >= s.Repeats {
		return c, true, err
	}
	stopped := func(c Comparison) (Comparison, bool, error) {
		c.Stopped = n
		return c, true, nil
	}
	if slices.ContainsFunc(c.Rows, Row.Certain) {
		return stopped(c)
	}
	early := s.Rule
	early.stricter = peto
	surer, err := Compare(base, head, early)
	if err != nil {
		return c, true, err
	}
	if surer.Worse > 0 {
		return stopped(surer)
	}
	same := len(c.Rows) > 0
	for _, r := range c.Rows {
		same = same && r.Verdict == Same
	}
	if same {
		return stopped(c)
	}
	return c, false, nil
}

// Order is the order of the sides in a repeat: ABBA, so that a machine that becomes
// slower or faster meanwhile affects both alike.
func Order(repeat int) [2]int {
	if repeat%2 == 0 {
		return [2]int{0, 1}
	}
	return [2]int{1, 0}
}

// Resolution is the smallest effect that a rule finds eight times of ten with so
// many trials of each, where figures scatter like those given; infinite where it
// finds none.
func Resolution(values []float64, f sim.Figure, rule Rule, trials int, draw func(n int) int) float64 {
	const tries, power = 200, 0.8
	for _, effect := range []float64{0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2} {
		found := 0
		for range tries {
			var a, b []float64
			for range trials {
				a = append(a, values[draw(len(values))])
				x := values[draw(len(values))]
				if f.Better == sim.MoreIsBetter {
					x *= 1 - math.Min(effect, 1)
				} else {
					x *= 1 + effect
				}
				b = append(b, x)
			}
			if row, ok := compare("", f, a, b, rule); ok && row.Verdict == Worse {
				found++
			}
		}
		if float64(found) >= power*tries {
			return effect
		}
	}
	return math.Inf(1)
}
