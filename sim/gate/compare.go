package gate

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"squall/sim"
	"squall/sim/measure"
)

// Verdict is what there is to say of a figure.
type Verdict string

// The verdicts of a comparison.
const (
	Better     Verdict = "better"
	Same       Verdict = "same"
	Worse      Verdict = "worse"
	CannotTell Verdict = "cannot tell"
)

// Row is one figure of one variant.
type Row struct {
	Variant string   `json:"variant"`
	Metric  string   `json:"metric"`
	Unit    string   `json:"unit"` // as the Go benchmark format has it
	Kind    sim.Kind `json:"kind"`
	Base    float64  `json:"base"` // medians
	Head    float64  `json:"head"`
	NBase   int      `json:"base_trials"`
	NHead   int      `json:"head_trials"`
	// Effect is the difference as a share of the base (the Hodges-Lehmann estimate
	// of the ratio, less 1), or in the figure's unit where Absolute is set. Low and
	// High bound it with Confidence.
	Effect     float64 `json:"effect"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"`
	Absolute   bool    `json:"absolute"`
	P          float64 `json:"p"`
	MinEffect  float64 `json:"min_effect"`
	Verdict    Verdict `json:"verdict"`
	// Enough is about how many trials of each side would be enough where nobody can
	// tell; 0 elsewhere.
	Enough int    `json:"enough,omitempty"`
	Why    string `json:"why,omitempty"`
}

// Certain reports whether a row is worse without any statistics: orders broke an
// invariant which the base never broke.
func (r Row) Certain() bool { return r.Harm() && r.P == 0 }

// Harm reports whether more orders broke an invariant than before.
func (r Row) Harm() bool { return r.Verdict == Worse && r.Kind == sim.KindViolations }

// Comparison is two runs side by side.
type Comparison struct {
	Scenario string   `json:"scenario"`
	Changed  []string `json:"changed"` // conditions that were not the same
	Rows     []Row    `json:"rows"`
	Worse    int      `json:"worse"`
	Better   int      `json:"better"`
	// Unsure counts the rows of which nobody can tell.
	Unsure int `json:"cannot_tell"`
	// LeftOut are the trials in doubt, whose figures are no samples, with why.
	LeftOut []string `json:"left_out,omitempty"`
	// Stopped is after how many repeats a bench stopped before its last, as the
	// answer was clear; 0 where it did not.
	Stopped int `json:"stopped_after,omitempty"`
}

// Compare compares a run with its baseline. Runs under conditions that are not
// the same are an error, with all that differs, unless the rule allows it.
func Compare(base, head Baseline, rule Rule) (Comparison, error) {
	rule = rule.with(head.Thresholds)
	c := Comparison{Scenario: head.Scenario, Changed: changed(base, head)}
	if len(c.Changed) > 0 && !rule.Across {
		return c, &ConditionsError{c.Changed}
	}
	for _, name := range slices.Sorted(maps.Keys(head.Variants)) {
		b, ok := base.Variants[name]
		if !ok {
			c.Changed = append(c.Changed, "variant "+name+" is only in the second")
			continue
		}
		h := head.Variants[name]
		for side, s := range map[string]Samples{"base": b, "head": h} {
			for _, trial := range s.LeftOut {
				c.LeftOut = append(c.LeftOut, side+", "+trial)
			}
		}
		c.Rows = append(c.Rows, correctness(name, b, h)...)
		for _, f := range measure.Compared() {
			if row, ok := compare(name, f, b.Figures[f.Unit], h.Figures[f.Unit], rule); ok {
				c.Rows = append(c.Rows, row)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(base.Variants)) {
		if _, ok := head.Variants[name]; !ok {
			c.Changed = append(c.Changed, "variant "+name+" is only in the first")
		}
	}
	slices.Sort(c.LeftOut)
	for _, r := range c.Rows {
		switch r.Verdict {
		case Worse:
			c.Worse++
		case Better:
			c.Better++
		case CannotTell:
			c.Unsure++
		}
	}
	return c, nil
}

// correctness compares how many orders broke each invariant. Where the base broke
// none, a single order is a regression, without any statistics. Where the base broke
// it, too, it is compared like a figure.
func correctness(variant string, base, head Samples) (rows []Row) {
	for _, name := range slices.Sorted(maps.Keys(head.Violations)) {
		b, h := floats(base.Violations[name]), floats(head.Violations[name])
		if len(b) == 0 || len(h) == 0 {
			continue
		}
		most := slices.Max(h)
		switch {
		case slices.Max(b) > 0: // how much of it there is depends on the moment
			if row, ok := compare(variant, violationsOf(name), b, h, Rule{}); ok {
				row.Why = "the base broke it, too"
				rows = append(rows, row)
			}
		case most > 0:
			f := violationsOf(name)
			rows = append(rows, Row{
				Variant: variant, Metric: name, Unit: f.Unit, Kind: f.Kind, Head: measure.Median(h), NBase: len(b), NHead: len(h),
				Effect: most, Absolute: true, P: 0, Confidence: 1, Low: most, High: most, Verdict: Worse,
				Why: fmt.Sprintf("the base never did; now in up to %.0f of the orders of a trial", most),
			})
		}
	}
	return rows
}

// leastViolations is the least difference that matters in the orders that broke an
// invariant which the base broke, too, as a share of the base's.
const leastViolations = 0.25

// violationsOf is the figure of the orders that broke one invariant.
func violationsOf(invariant string) sim.Figure {
	return sim.Figure{
		Name: invariant, Unit: "violations", Kind: sim.KindViolations, Better: sim.LessIsBetter,
		Compare: &sim.Comparing{MinEffect: leastViolations},
	}
}

func floats(counts []int) (all []float64) {
	for _, n := range counts {
		all = append(all, float64(n))
	}
	return all
}

// compare judges one figure; ok is false where neither has it.
func compare(variant string, f sim.Figure, base, head []float64, rule Rule) (row Row, ok bool) {
	if len(base) == 0 && len(head) == 0 {
		return row, false
	}
	alpha := rule.alpha(f)
	d, scale := differ(f, base, head, alpha)
	row = Row{
		Variant: variant, Metric: f.Name, Unit: f.Unit, Kind: f.Kind,
		Base: number(d.MedianA), Head: number(d.MedianB), NBase: len(base), NHead: len(head),
		Effect: d.Shift, Low: d.Low, High: d.High, Confidence: d.Confidence, Absolute: f.Compare.Absolute, P: d.P,
		MinEffect: rule.least(f, scale),
	}
	row.Verdict, row.Why = judge(row, f.Better, alpha)
	if row.Verdict == CannotTell {
		row.Enough = enough(row, alpha)
	}
	return row, true
}

// differ is how far head lies from base: in the figure's unit where it is compared
// absolutely, else as a share of the base. Shares come from ratios, by way of the
// logarithms, so that no bound lies below -100 %; where there are values for which
// there are no ratios, they are of the base's median. scale is what a share of 1
// is in the figure's unit.
func differ(f sim.Figure, base, head []float64, alpha float64) (d measure.Difference, scale float64) {
	scale = math.Abs(measure.Median(base))
	switch {
	case f.Compare.Absolute || !(scale > 0):
		return measure.Differ(base, head, 1-alpha), 1
	case len(head) == 0 || slices.Min(base) <= 0 || slices.Min(head) <= 0:
		d = measure.Differ(base, head, 1-alpha)
		d.Shift, d.Low, d.High = d.Shift/scale, d.Low/scale, d.High/scale
		return d, scale
	}
	d = measure.Differ(logs(base), logs(head), 1-alpha) // ranks and P are those of the values
	d.MedianA, d.MedianB = measure.Median(base), measure.Median(head)
	d.Shift, d.Low, d.High = math.Expm1(d.Shift), math.Expm1(d.Low), math.Expm1(d.High)
	return d, scale
}

func logs(values []float64) (all []float64) {
	for _, v := range values {
		all = append(all, math.Log(v))
	}
	return all
}

// number is 0 for what JSON lacks.
func number(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// judge applies the rule: better and worse need a P under Alpha and an effect of
// at least MinEffect; same needs an interval within MinEffect on both sides, or a
// difference that is there but too small to matter. Nothing else can be told.
func judge(r Row, better sim.Direction, alpha float64) (Verdict, string) {
	switch {
	case r.NBase == 0 || r.NHead == 0:
		return CannotTell, "one of them has no such figure"
	case smallestP(r.NBase, r.NHead) >= alpha:
		return CannotTell, "too few trials"
	case r.P < alpha && math.Abs(r.Effect) >= r.MinEffect && r.Effect != 0:
		if (r.Effect > 0) == (better == sim.MoreIsBetter) {
			return Better, ""
		}
		return Worse, ""
	case r.P < alpha, r.Low >= -r.MinEffect && r.High <= r.MinEffect:
		return Same, ""
	}
	return CannotTell, "the interval reaches beyond what matters"
}

// smallestP is the least P that so many trials can come to.
func smallestP(m, n int) float64 {
	ways := 1.0
	for i := 1; i <= m; i++ {
		ways *= float64(n+i) / float64(i)
	}
	return 2 / ways
}

// MostTrials is the largest number of trials that is worth advising: where Enough
// is that, it may take more.
const MostTrials = 200

// enough estimates how many trials of each side would settle a figure. The width
// of an interval shrinks with the root of the number of trials; it must fit
// between the effect that was seen and the least that matters.
func enough(r Row, alpha float64) int {
	n := max(r.NBase, r.NHead, 2)
	least := n
	for smallestP(least, least) >= alpha {
		least++
	}
	room := math.Abs(math.Abs(r.Effect) - r.MinEffect)
	half := (r.High - r.Low) / 2
	if r.Confidence == 0 || room == 0 {
		return max(least, min(MostTrials, 2*n))
	}
	return min(MostTrials, max(least, int(math.Ceil(float64(n)*half*half/(room*room)))))
}
