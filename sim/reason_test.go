package sim

import "testing"

// TestReasonKinds: which reasons put a trial's figures in doubt.
func TestReasonKinds(t *testing.T) {
	leave := map[ReasonKind]bool{ReasonInvariant: true, ReasonExpectation: true, ReasonResources: true, ReasonUntyped: true}
	seen := map[ReasonKind]bool{}
	for _, k := range ReasonKinds() {
		if k == "" || seen[k] {
			t.Errorf("the kind %q is there twice, or has no name", k)
		}
		seen[k] = true
		if k.Doubt() == leave[k] {
			t.Errorf("%s puts figures in doubt: %v", k, k.Doubt())
		}
	}
	for _, k := range []ReasonKind{
		ReasonNotBegun, ReasonInterrupted, ReasonHistory, ReasonAudit, ReasonLoad, ReasonDeath, ReasonClock, ReasonSteady,
		ReasonStop, ReasonCheck, ReasonFigures, ReasonInvariant, ReasonExpectation, ReasonResources, ReasonUntyped,
	} {
		if !seen[k] {
			t.Errorf("%s is not listed", k)
		}
	}
	r := Reasons{{Kind: ReasonLoad, Text: "late"}, {Kind: ReasonCheck, Text: "no audit"}}
	if got := r.String(); got != "late; no audit" || r[0].String() != "late" {
		t.Errorf("saw %q", got)
	}
}
