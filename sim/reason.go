package sim

import "strings"

// ReasonKind says what sort of thing a Reason is about.
type ReasonKind string

// The kinds of reasons to doubt the figures of a trial: what was measured is
// unknown.
const (
	ReasonNotBegun    ReasonKind = "not-begun"   // the trial has no history
	ReasonInterrupted ReasonKind = "interrupted" // the run or the trial was ended before its time
	ReasonHistory     ReasonKind = "history"     // the history breaks off
	ReasonAudit       ReasonKind = "audit"       // the final records could not be read
	ReasonLoad        ReasonKind = "load"        // the generator missed its schedule, or nobody knows
	ReasonDeath       ReasonKind = "death"       // a process ended that nobody had ended
	ReasonClock       ReasonKind = "clock"       // the times of a process's events cannot be trusted
	ReasonSteady      ReasonKind = "steady"      // the steady state was not there before the first fault
	ReasonStop        ReasonKind = "stop"        // a stop condition was met
	ReasonCheck       ReasonKind = "check"       // an invariant could not be judged
	ReasonFigures     ReasonKind = "figures"     // a figure of the trial could not be computed
)

// The kinds of reasons that leave the figures as they are.
const (
	ReasonInvariant   ReasonKind = "invariant"   // an invariant was violated
	ReasonExpectation ReasonKind = "expectation" // an expectation failed, or is unknown
	ReasonResources   ReasonKind = "resources"   // what a process or server used could not be read all the time
	ReasonUntyped     ReasonKind = "schema-1"    // from a result of schema 1, which had no kinds
)

// ReasonKinds lists all kinds.
func ReasonKinds() []ReasonKind {
	return []ReasonKind{
		ReasonNotBegun, ReasonInterrupted, ReasonHistory, ReasonAudit, ReasonLoad, ReasonDeath, ReasonClock, ReasonSteady,
		ReasonStop, ReasonCheck, ReasonFigures, ReasonInvariant, ReasonExpectation, ReasonResources, ReasonUntyped,
	}
}

// Doubt reports whether a reason of this kind puts the figures of its trial in
// doubt.
func (k ReasonKind) Doubt() bool {
	switch k {
	case ReasonInvariant, ReasonExpectation, ReasonResources, ReasonUntyped:
		return false
	}
	return true
}

// Reason is why a run or a trial did not pass, or what else there is to know of
// it.
type Reason struct {
	Kind ReasonKind `json:"kind"`
	Text string     `json:"text"` // a whole sentence for a person
	// Trial is the trial that a run's reason is about, and Check the invariant;
	// "" for none in particular.
	Trial string `json:"trial,omitempty"`
	Check string `json:"check,omitempty"`
}

func (r Reason) String() string { return r.Text }

// Reasons are several, in the order in which they are shown.
type Reasons []Reason

// String joins them into one line.
func (r Reasons) String() string {
	texts := make([]string, len(r))
	for i, one := range r {
		texts[i] = one.Text
	}
	return strings.Join(texts, "; ")
}
