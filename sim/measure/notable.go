package measure

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"squall/sim"
	"squall/sim/record"
)

// notables is how many orders of a kind are shown with their events.
const notables = 3

// slowest returns the orders whose answers took longest.
func slowest(rec *record.TrialRecord) []sim.Example {
	return top(rec, func(o *record.OrderRecord) (int64, string) {
		took := o.Answered - o.Intended
		return took, fmt.Sprintf("answered (%s) %s after it was due", o.Outcome, round(took))
	})
}

// delayed returns the orders that took longest to converge; those that never
// did come first.
func delayed(rec *record.TrialRecord) []sim.Example {
	return top(rec, func(o *record.OrderRecord) (int64, string) {
		ns, censored, counts := convergence(o, rec.End)
		switch {
		case !counts:
			return 0, ""
		case censored:
			return ns + int64(time.Hour)*1e3, fmt.Sprintf("still %s when the trial ended, %s after the answer", state(o), round(ns))
		}
		return ns, fmt.Sprintf("%s %s after the answer", o.State, round(ns))
	})
}

func state(o *record.OrderRecord) string {
	if o.State == "" {
		return "without a state"
	}
	return string(o.State)
}

func round(ns int64) time.Duration { return time.Duration(ns).Round(100 * time.Microsecond) }

// top returns the orders with the largest figures above 0, the largest first,
// and of equal ones the first by id.
func top(rec *record.TrialRecord, of func(*record.OrderRecord) (figure int64, why string)) []sim.Example {
	type ranked struct {
		figure int64
		sim.Example
	}
	var best []ranked
	for _, o := range rec.Orders {
		if !o.Requested {
			continue
		}
		figure, why := of(o)
		if figure <= 0 || len(best) == notables && figure <= best[notables-1].figure {
			continue
		}
		best = append(best, ranked{figure, sim.Example{Order: o.ID, Why: why}})
		slices.SortStableFunc(best, func(a, b ranked) int { return cmp.Compare(b.figure, a.figure) })
		best = best[:min(len(best), notables)]
	}
	var all []sim.Example
	for _, b := range best {
		all = append(all, b.Example)
	}
	return all
}
