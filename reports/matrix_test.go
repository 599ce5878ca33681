package reports

import (
	"strings"
	"testing"

	"squall/sim"
)

func TestMatrixVerdict(t *testing.T) {
	good := MatrixRow{Applies: true, Variant: "async", Verdict: sim.Pass, EvidenceIs: sim.Pass}
	for _, c := range []struct {
		why  string
		row  MatrixRow
		want sim.Verdict
	}{
		{"all is well", good, sim.Pass},
		{"a synchronous variant leaves orders half done",
			MatrixRow{Applies: true, Variant: "sync", Naive: true, Verdict: sim.Fail, Violations: 3, EvidenceIs: sim.Pass}, sim.Pass},
		{"an asynchronous one does",
			MatrixRow{Applies: true, Variant: "async", Verdict: sim.Fail, Violations: 1, EvidenceIs: sim.Pass}, sim.Fail},
		{"no evidence", MatrixRow{Applies: true, Variant: "sync", Verdict: sim.Pass, EvidenceIs: sim.Unknown}, sim.Unknown},
		{"it cannot be known", MatrixRow{Applies: true, Variant: "async", Verdict: sim.Unknown, EvidenceIs: sim.Pass}, sim.Unknown},
		{"it does not apply", MatrixRow{Variant: "sync", Why: "sync has no broker"}, sim.Pass},
	} {
		if got := (Matrix{Rows: []MatrixRow{good, c.row, good}}).Verdict(); got != c.want {
			t.Errorf("%s: %s, expected %s", c.why, got, c.want)
		}
	}
}

// TestMatrixHasNoEmptyCell: what cannot be said has its reason in its place.
func TestMatrixHasNoEmptyCell(t *testing.T) {
	share, seconds := 0.25, 3.0
	m := Matrix{Servers: map[string]string{"embedded": "<b>"}, Rows: []MatrixRow{
		{Fault: "{ kill: <script>, at: 6s }", Backing: "embedded", Variant: "sync", Why: "sync has no broker"},
		{Fault: "{ kill: a|b, at: 6s }", Backing: "embedded", Variant: "async", Applies: true, Verdict: sim.Pass,
			EvidenceIs: sim.Pass, Evidence: "reaped"},
		{Fault: "{ pause: a, at: 6s }", Backing: "embedded", Variant: "async", Applies: true, Verdict: sim.Unknown, EvidenceIs: sim.Unknown,
			Evidence: "none", Why: "nothing was seen", ErrorsDuring: &share, RecoveryS: &seconds, DelayMS: 80},
	}}
	text := m.Markdown()
	for _, want := range []string{
		"not applicable: sync has no broker", "none was due in it", "not before the end", "unknown: nothing was seen",
		"25.00 %", "3 s", "begun 80 ms late", `a\|b`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "|") && strings.Contains(line, "|  |") {
			t.Errorf("an empty cell in %s", line)
		}
		if strings.HasPrefix(line, "| `") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != len(matrixHead)+1 {
			t.Errorf("not %d cells in %s", len(matrixHead), line)
		}
	}
	page, err := m.HTML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "<script>") || strings.Contains(string(page), "<b>") {
		t.Error("the page is not escaped")
	}
}
