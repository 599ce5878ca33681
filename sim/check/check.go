package check

import (
	"fmt"
	"slices"
	"strings"

	"squall/sim"
	"squall/sim/record"
)

// Check is one invariant.
type Check struct {
	Name string
	// Promise is what the system promises, in a sentence for a person.
	Promise string
	// Judge goes through the record once. Its time is linear in the number of
	// orders, and its memory is that of the examples.
	Judge func(*record.TrialRecord, *Finding)
}

// Finding gathers what a check finds.
type Finding struct {
	violations int
	examples   []sim.Example
	unknown    []string
	detail     string
}

// maxExamples is how many of the orders that broke an invariant are named.
const maxExamples = 10

// Violation notes an order that breaks the invariant, "" for none in particular.
func (f *Finding) Violation(order, why string, args ...any) {
	f.violations++
	if len(f.examples) < maxExamples {
		f.examples = append(f.examples, sim.Example{Order: order, Why: fmt.Sprintf(why, args...)})
	}
}

// Unknown notes why the check cannot know. Violations that were seen still
// count.
func (f *Finding) Unknown(why string, args ...any) {
	f.unknown = append(f.unknown, fmt.Sprintf(why, args...))
}

// Note says something beside the verdict.
func (f *Finding) Note(text string, args ...any) { f.detail = fmt.Sprintf(text, args...) }

var registry []Check

func register(c Check) {
	for _, r := range registry {
		if r.Name == c.Name {
			panic("check: two named " + c.Name)
		}
	}
	registry = append(registry, c)
}

// All returns every check, by name.
func All() []Check {
	all := slices.Clone(registry)
	slices.SortFunc(all, func(a, b Check) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Judge runs every check over a trial. A check that crashes is unknown.
func Judge(rec *record.TrialRecord) sim.Audit {
	audit := sim.Audit{Verdict: sim.Pass}
	for _, c := range All() {
		inv := judge(c, rec)
		audit.Invariants = append(audit.Invariants, inv)
		audit.Violations += inv.Violations
		audit.Verdict = audit.Verdict.Worse(inv.Verdict)
	}
	return audit
}

func judge(c Check, rec *record.TrialRecord) (inv sim.Invariant) {
	f := &Finding{}
	defer func() {
		if r := recover(); r != nil {
			f.Unknown("the check crashed: %v", r)
		}
		inv = f.invariant(c)
	}()
	c.Judge(rec, f)
	return inv
}

func (f *Finding) invariant(c Check) sim.Invariant {
	inv := sim.Invariant{Name: c.Name, Promise: c.Promise, Violations: f.violations, Examples: f.examples, Verdict: sim.Pass}
	var details []string
	switch {
	case f.violations > 0:
		inv.Verdict = sim.Fail
	case len(f.unknown) > 0:
		inv.Verdict = sim.Unknown
	}
	details = append(details, f.unknown...)
	if f.detail != "" {
		details = append(details, f.detail)
	}
	inv.Detail = strings.Join(details, "; ")
	return inv
}

// needAudit reports whether the final records are complete, and notes that the check
// cannot know where they are not. A check that reads them returns then.
func needAudit(rec *record.TrialRecord, f *Finding) bool {
	if !rec.Audited {
		f.Unknown("the final records could not be read in full")
	}
	return rec.Audited
}
