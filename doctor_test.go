package squall

import (
	"strings"
	"testing"

	"squall/sim/proc"
)

// TestDoctorTellsOfFeatures: what a system has, what is used instead, and what
// is not to be had are three different sentences.
func TestDoctorTellsOfFeatures(t *testing.T) {
	found := features([]proc.Feature{
		{Name: "a", Use: "evidence", Here: true, How: "/proc"},
		{Name: "b", Use: "evidence", Instead: "ps(1)"},
		{Name: "c", Use: "evidence"},
	})
	for i, want := range []Finding{
		{true, "a: evidence, by /proc", ""},
		{false, "b: evidence", "instead: ps(1)"},
		{false, "c: evidence", "nothing is used instead"},
	} {
		if f := found[i]; f.Good != want.Good || f.What != want.What || !strings.HasPrefix(f.Fix, want.Fix) || want.Fix == "" && f.Fix != "" {
			t.Errorf("saw %+v, expected %+v", f, want)
		}
	}
	if len(features(proc.Features())) < 5 {
		t.Error("doctor has no features of this machine")
	}
}
