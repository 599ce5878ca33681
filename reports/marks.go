package reports

import (
	"squall/sim"
	"squall/sim/gate"
)

// The marks of verdicts, for readers who do not see colours. A tick says that
// something was looked at and is well; what is unknown, missing or not applicable
// never has one.
const (
	passMark          = "✓"
	failMark          = "✗"
	unknownMark       = "?"
	notApplicableMark = "–"
)

// verdictMark is the mark of a verdict. A verdict that is missing is unknown.
func verdictMark(v sim.Verdict) string {
	switch v {
	case sim.Pass:
		return passMark
	case sim.Fail:
		return failMark
	}
	return unknownMark
}

// faultStatus says whether a fault took hold: as a mark, as a word, and as the
// class of report.css that colours it.
type faultStatus struct{ Mark, Word, Class string }

// statusOf returns the status of a fault in a trial. A fault that the variant has
// no target for is recorded as passed, so that the trial may pass; but nothing was
// seen of it.
func statusOf(f sim.FaultResult) faultStatus {
	if f.NA && f.Verdict == sim.Pass {
		return faultStatus{notApplicableMark, "not applicable", "na"}
	}
	word := string(f.Verdict)
	if word == "" {
		word = string(sim.Unknown)
	}
	return faultStatus{verdictMark(f.Verdict), word, word}
}

// comparisonMark is a tick only where something could be told and nothing of it
// got worse.
func comparisonMark(c gate.Comparison) string {
	switch {
	case c.Worse > 0:
		return failMark
	case told(c) == 0:
		return unknownMark
	}
	return passMark
}

// told counts the figures of which a comparison says anything: better, the same
// or worse.
func told(c gate.Comparison) (n int) {
	for _, r := range c.Rows {
		switch r.Verdict {
		case gate.Better, gate.Same, gate.Worse:
			n++
		}
	}
	return n
}

// inDoubt reports whether any trial of the results may have figures that are not
// what they seem: then none of them is marked as the better one.
func inDoubt(all []*sim.VariantResult) bool {
	for _, v := range all {
		if v.Verdict == sim.Unknown {
			return true
		}
		for _, t := range v.Trials {
			if t.Doubtful {
				return true
			}
		}
	}
	return false
}

// wasAsked reports whether a variant got any request: without one it has no
// errors, but no success either.
func wasAsked(v *sim.VariantResult) bool {
	return v.Accept.Count > 0 || v.Accept.OK+v.Accept.Fail+v.Accept.Info > 0
}
