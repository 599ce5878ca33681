package reports

import (
	"fmt"
	"math"

	"squall/sim"
	"squall/sim/measure"
)

// row is one figure of the scoreboard, for every variant.
type row struct {
	Name   string
	Help   string
	Term   string
	Brief  bool   // it is among those of the terminal's table
	Values []cell // in the order of the scenario's variants
	// Difference says how far the second variant is from the first; "" where
	// there are not two, or where it cannot be told. Interval says between what the
	// difference lies and how sure that is; "" without enough trials.
	Difference, Interval string
}

type cell struct {
	Text   string
	Better bool
	Bad    bool
}

// shown is a figure with the words for its values.
type shown struct {
	sim.Figure
	text func(float64) string
}

// scoreboard are the figures of the side-by-side table, in its order.
func scoreboard() (all []shown) {
	for _, f := range measure.SideBySide() {
		all = append(all, shownAs(f))
	}
	return all
}

func shownAs(f sim.Figure) shown {
	return shown{f, func(v float64) string { return valueText(f.Kind, v) }}
}

// named returns a figure of the registry; one that is missing is a mistake of this
// package.
func named(name string) shown {
	f, ok := measure.FigureNamed(name)
	if !ok {
		panic(fmt.Sprintf("reports: no figure %q", name))
	}
	return shownAs(f)
}

// rows computes the scoreboard. A figure is better when it is more than 5 %
// away from the other: less than that is noise in a single trial. With repeats,
// the interval of the difference must leave no doubt, too. Where a trial is in doubt,
// no figure is marked.
func rows(info sim.RunInfo, r *sim.Result) []row {
	var all []row
	for _, f := range scoreboard() {
		line := row{Name: f.Heading(), Help: f.Means, Term: f.Term, Brief: f.Brief}
		var values []float64
		var variants []*sim.VariantResult
		bound := false
		for _, name := range info.Scenario.Variants {
			v := r.Variants[name]
			c, x := f.cell(v)
			line.Values = append(line.Values, c)
			bound = bound || x.Bound == sim.AtLeast
			if x.Bound != sim.NotMeasured {
				values, variants = append(values, x.Value), append(variants, v)
			}
		}
		certain := !inDoubt(present(info, r))
		if len(values) == 2 && len(line.Values) == 2 {
			line.Difference = difference(values[0], values[1], bound)
			if !bound {
				text, sure := f.interval(variants[0], variants[1])
				line.Interval, certain = text, certain && sure
			}
		}
		if len(values) == len(line.Values) && len(values) > 1 && certain {
			mark(line.Values, values, f.Better, 0.05)
		}
		all = append(all, line)
	}
	return all
}

// cell is a figure of a variant as text, and its reading.
func (f shown) cell(v *sim.VariantResult) (cell, sim.Reading) {
	if v == nil {
		return cell{Text: "-"}, sim.Reading{Bound: sim.NotMeasured}
	}
	r := f.Read(v.Measured())
	if r.Bound == sim.NotMeasured {
		return cell{Text: "-"}, r
	}
	return cell{Text: boundText(r, f.text), Bad: f.Kind == sim.KindViolations && r.Value > 0}, r
}

// boundText is a reading as text, with a mark where it is only a lower bound.
func boundText(r sim.Reading, text func(float64) string) string {
	if r.Bound == sim.AtLeast {
		return "≥ " + text(r.Value)
	}
	return text(r.Value)
}

// interval says between what the difference of two variants lies, by their
// trials, and whether its direction is certain. With fewer than four trials of
// each an interval cannot be certain: then certain is true, and only the 5 % of
// rows decide.
func (f shown) interval(a, b *sim.VariantResult) (text string, certain bool) {
	d := measure.Differ(f.samples(a), f.samples(b), 0.95)
	if d.Confidence == 0 || d.MedianA == 0 {
		return "", true
	}
	text = fmt.Sprintf("%.0f %% sure: %s to %s", 100*d.Confidence, change(d.Low/d.MedianA), change(d.High/d.MedianA))
	return text, d.Confidence < 0.95 || d.Low > 0 || d.High < 0
}

// samples are the figure's values in the trials of a variant.
func (f shown) samples(v *sim.VariantResult) (values []float64) {
	for _, t := range v.Trials {
		if r := f.Read(t.Measured()); r.Bound != sim.NotMeasured && !t.Doubtful {
			values = append(values, r.Value)
		}
	}
	return values
}

// change is a change in words, from its share of the value before: 0.5 is +50 %.
func change(share float64) string {
	if share >= 1 {
		return fmt.Sprintf("× %.3g", 1+share)
	}
	return fmt.Sprintf("%+.0f %%", 100*share)
}

// difference says how far b is from a. It is "" when one of them is only a lower
// bound: then not even the direction of the difference is known.
func difference(a, b float64, bound bool) string {
	switch {
	case bound || a == 0 || b == 0:
		return ""
	case b > 1000*a:
		return "over × 1000"
	case a > 1000*b:
		return "over ÷ 1000"
	case b >= 2*a:
		return fmt.Sprintf("× %.3g", b/a)
	case a >= 2*b:
		return fmt.Sprintf("÷ %.3g", a/b)
	}
	return fmt.Sprintf("%+.0f %%", 100*(b/a-1))
}

// mark marks the best of several figures, if all others are further from it than a
// share of the larger one.
func mark(cells []cell, values []float64, better sim.Direction, margin float64) {
	best := 0
	for i, v := range values {
		if better == sim.LessIsBetter && v < values[best] || better == sim.MoreIsBetter && v > values[best] {
			best = i
		}
	}
	for i, v := range values {
		if i != best && math.Abs(v-values[best]) <= margin*max(math.Abs(v), math.Abs(values[best])) {
			return
		}
	}
	cells[best].Better = true
}
