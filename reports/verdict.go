package reports

import (
	"fmt"
	"math"
	"strings"

	"squall/sim"
)

// heading says how the run ended.
func heading(v sim.Verdict) string {
	switch v {
	case sim.Pass:
		return "Pass"
	case sim.Fail:
		return "Fail"
	}
	return "Unknown"
}

// present returns the results of the scenario's variants that there are.
func present(info sim.RunInfo, r *sim.Result) (all []*sim.VariantResult) {
	for _, name := range info.Scenario.Variants {
		if v := r.Variants[name]; v != nil {
			all = append(all, v)
		}
	}
	return all
}

// storm says which faults the load met, as a part of the sentence.
func storm(sc sim.Scenario) string {
	switch n := len(sc.Faults); n {
	case 0:
		return "under the load"
	case 1:
		return fmt.Sprintf("through the storm (%s %s)", sc.Faults[0].Kind, sc.Faults[0].Target)
	default:
		return fmt.Sprintf("through the storm (%d faults)", n)
	}
}

// sentence sums a run up: which variant accepted the greatest share of the orders,
// and how long it took each variant's services to agree on them.
func sentence(info sim.RunInfo, r *sim.Result) string {
	all := present(info, r)
	switch len(all) {
	case 0:
		return "No trial was carried out."
	case 1:
		return fmt.Sprintf("%s accepted %s %s, and %s.", all[0].Variant, acceptedShare(all[0]), storm(info.Scenario), agreement(all[0]))
	}
	best, price := all[0], make([]string, 0, len(all))
	for _, v := range all[1:] {
		if wasAsked(v) && (!wasAsked(best) || v.Accept.ErrorRate < best.Accept.ErrorRate) {
			best = v
		}
	}
	var others []string
	for _, v := range all {
		price = append(price, v.Variant+" "+agreement(v))
		if v != best {
			others = append(others, fmt.Sprintf("%s %s", v.Variant, acceptedShare(v)))
		}
	}
	return fmt.Sprintf("%s accepted %s %s, %s; %s.",
		best.Variant, acceptedShare(best), storm(info.Scenario), strings.Join(others, ", "), strings.Join(price, ", "))
}

// acceptedShare says how many of the orders that clients asked for were accepted.
// It is never rounded up to all of them.
func acceptedShare(v *sim.VariantResult) string {
	switch {
	case !wasAsked(v):
		return "no order (it got no request)"
	case v.Accept.ErrorRate == 0:
		return "all orders"
	}
	return fmt.Sprintf("%.2f %%", math.Floor(1e4*(1-v.Accept.ErrorRate))/100)
}

// agreement says when, if ever, the services agreed on the orders.
func agreement(v *sim.VariantResult) string {
	lag := v.Lag.Convergence
	switch {
	case lag.Censored > 0:
		return fmt.Sprintf("left %d orders half done", lag.Censored)
	case lag.Count == 0:
		return "had nothing to agree on"
	case lag.P99 < 1:
		return "was consistent at once"
	}
	return fmt.Sprintf("was consistent %s after the answer at p99", ms(lag.P99))
}

// headline is one of the three figures on top of the page, for every variant.
type headline struct {
	Name, Term string
	Values     []headlineValue
}

type headlineValue struct {
	Variant string
	cell
}

// headlines picks three figures: the share of orders that was accepted, the
// convergence lag, and the invariant violations. Where every variant accepted all
// orders, the accept latency takes the place of the share.
func headlines(info sim.RunInfo, r *sim.Result) (all []headline) {
	accepted := shown{
		sim.Figure{
			Name: "orders accepted", Term: "errors", Better: sim.MoreIsBetter,
			Read: func(m sim.Measured) sim.Reading {
				r := named("error rate").Read(m)
				r.Value = 1 - r.Value
				return r
			},
		},
		func(x float64) string { return fmt.Sprintf("%.2f %%", math.Floor(1e4*x)/100) }, // never rounded up to all of them
	}
	picks := []shown{named("accept p99"), named("lag p99"), named("violations")}
	for _, v := range present(info, r) {
		if v.Accept.ErrorRate > 0 {
			picks[0] = accepted
		}
	}
	for _, f := range picks {
		h := headline{Name: f.Heading(), Term: f.Term}
		var cells []cell
		var values []float64
		for _, v := range present(info, r) {
			c, x := f.cell(v)
			cells = append(cells, c)
			if x.Bound != sim.NotMeasured {
				values = append(values, x.Value)
			}
		}
		if len(cells) > 1 && len(values) == len(cells) && !inDoubt(present(info, r)) {
			mark(cells, values, f.Better, 0) // no margin: between shares near 100 %, any difference counts
		}
		for i, v := range present(info, r) {
			h.Values = append(h.Values, headlineValue{v.Variant, cells[i]})
		}
		all = append(all, h)
	}
	return all
}
