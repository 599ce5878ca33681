package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"squall/sim"
)

// MatrixSchema is the version of matrix.json.
const MatrixSchema = 1

// Matrix is matrix.json: what every fault did to every variant on every backing.
type Matrix struct {
	Schema   int               `json:"schema"`
	Command  string            `json:"command"`
	Started  time.Time         `json:"started"`
	Machine  sim.Machine       `json:"machine"`
	Versions map[string]string `json:"versions"`
	Servers  map[string]string `json:"servers"` // by backing: what served
	Scenario string            `json:"scenario"`
	Rows     []MatrixRow       `json:"rows"`
}

// MatrixRow is one fault on one backing and variant.
type MatrixRow struct {
	Fault   string `json:"fault"` // the line of the scenario
	Kind    string `json:"kind"`
	Group   string `json:"group"`
	Backing string `json:"backing"`
	Variant string `json:"variant"`
	// Naive says that faults alone make this variant break invariants.
	Naive bool `json:"naive,omitempty"`
	// Applies is false where the backing or the variant has nothing that this
	// fault could act on. Then Why says what is missing, and the fields below Why
	// are not set. In a row that applies, Why says why the verdict is unknown.
	Applies  bool        `json:"applies"`
	Why      string      `json:"why,omitempty"`
	Verdict  sim.Verdict `json:"verdict,omitempty"`
	Evidence string      `json:"evidence,omitempty"`
	// EvidenceIs is pass when the evidence shows that the fault took hold.
	EvidenceIs sim.Verdict `json:"evidence_verdict,omitempty"`
	// DelayMS and HealDelayMS are by how many milliseconds the injection and the
	// heal began after their planned moments.
	DelayMS     float64 `json:"delay_ms"`
	HealDelayMS float64 `json:"heal_delay_ms"`
	// Lost and Doubled count orders, Oversold counts SKUs, Violations adds up
	// those of all invariants, and Parked counts orders of which a message is set
	// aside for a person.
	Lost       int `json:"lost"`
	Doubled    int `json:"doubled"`
	Oversold   int `json:"oversold"`
	Violations int `json:"violations"`
	Parked     int `json:"parked_orders"`
	// RequestsDuring counts the requests that were due while the fault was in
	// force, and ErrorsDuring is the share of them that failed or whose effect is
	// not known, from 0 to 1; nil when none was due.
	RequestsDuring int      `json:"requests_during"`
	ErrorsDuring   *float64 `json:"error_rate_during,omitempty"`
	// RecoveryS is the seconds from the heal until the backlog and the accept p99
	// were back to what they had been; nil when the trial ended before that.
	RecoveryS *float64 `json:"recovery_s,omitempty"`
}

// Verdict is the worst verdict of the rows. Violations do not count in the rows of
// naive variants, which promise less. A row that is unknown,
// or without evidence, makes the verdict unknown in any variant. Rows that do not
// apply do not count.
func (m Matrix) Verdict() sim.Verdict {
	worst := sim.Pass
	for _, r := range m.Rows {
		switch {
		case !r.Applies:
		case r.Verdict == sim.Unknown, r.EvidenceIs != sim.Pass:
			worst = worst.Worse(sim.Unknown)
		case !r.Naive && r.Violations > 0:
			worst = sim.Fail
		}
	}
	return worst
}

// matrixStatus is the verdict of a row as it is shown: "" where the fault does not
// apply, and never pass where there is no evidence that the fault took hold.
func matrixStatus(r MatrixRow) sim.Verdict {
	switch {
	case !r.Applies:
		return ""
	case r.Verdict == sim.Fail:
		return sim.Fail
	case r.Verdict != sim.Pass, r.EvidenceIs != sim.Pass:
		return sim.Unknown
	}
	return sim.Pass
}

// matrixCells are the columns after the fault, as text.
func matrixCells(r MatrixRow) []string {
	if !r.Applies {
		return []string{r.Backing, r.Variant, "not applicable: " + r.Why, "–", "–", "–", "–", "–", "–", "–"}
	}
	verdict := string(matrixStatus(r))
	switch {
	case r.Why != "":
		verdict += ": " + r.Why
	case verdict != string(r.Verdict):
		verdict += ": nothing proves that the fault took hold"
	}
	errors := "none was due in it"
	if r.ErrorsDuring != nil {
		errors = percent(*r.ErrorsDuring)
	}
	recovery := "not before the end"
	if r.RecoveryS != nil {
		recovery = fmt.Sprintf("%.0f s", *r.RecoveryS)
	}
	evidence := r.Evidence
	if r.DelayMS > lateMS {
		evidence += fmt.Sprintf("; begun %.0f ms late", r.DelayMS)
	}
	if r.HealDelayMS > lateMS {
		evidence += fmt.Sprintf("; healed %.0f ms late", r.HealDelayMS)
	}
	count := func(n int) string { return fmt.Sprint(n) }
	return []string{
		r.Backing, r.Variant, evidence, verdict,
		count(r.Lost), count(r.Doubled), count(r.Oversold), count(r.Parked), errors, recovery,
	}
}

var matrixHead = []string{
	"fault", "backing", "variant", "evidence", "verdict", "lost", "doubled", "oversold", "parked", "errors during", "recovery",
}

// Markdown renders the matrix as a page.
func (m Matrix) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Every fault, on every backing and variant\n\nMade by `%s` on %s, %d cores (%s).\n\n",
		cellText(m.Command), m.Started.Format(time.DateOnly), m.Machine.CPUs, cellText(m.Machine.CPU))
	for _, backing := range slices.Sorted(maps.Keys(m.Servers)) {
		fmt.Fprintf(&b, "- %s: %s\n", backing, cellText(m.Servers[backing]))
	}
	b.WriteString(matrixWords)
	fmt.Fprintf(&b, "\n| %s |\n|%s\n", strings.Join(matrixHead, " | "), strings.Repeat("---|", len(matrixHead)))
	for _, r := range m.Rows {
		cells := matrixCells(r)
		for i := range cells {
			cells[i] = cellText(cells[i])
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", cellText(r.Fault), strings.Join(cells, " | "))
	}
	return b.String()
}

// matrixWords says what the columns mean. It is one paragraph of Markdown.
const matrixWords = "\n" +
	"Lost: accepted orders that never came to an end. " +
	"Doubled: orders charged more than once, or charged and not fulfilled. " +
	"Oversold: SKUs of which more was sold than there was. " +
	"Parked: orders of which a message is set aside for a person. " +
	"Errors during: of the requests that were due while the fault was in force. " +
	"Recovery: from the heal until the backlog is no larger than before the fault, " +
	"and the accept p99 is within 10 % of its highest then; both by the second. " +
	"A verdict of fail in a synchronous row is about orders left half done: " +
	"it promises no more than it can keep without retries.\n"

//go:embed matrix.html
var matrixPage string

// HTML renders the matrix as one page that needs no network and no other file.
func (m Matrix) HTML() ([]byte, error) {
	t, err := template.New("matrix").Funcs(template.FuncMap{
		"cells":  matrixCells,
		"colour": func(group string) template.CSS { return template.CSS(sim.FaultKind{Group: group}.Colour()) },
		"status": matrixStatus,
		"bad":    func(r MatrixRow) bool { return r.Lost+r.Doubled+r.Oversold > 0 },
	}).Parse(unindented(matrixPage))
	if err != nil {
		return nil, fmt.Errorf("matrix: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Matrix
		Head  []string
		Words string
		Style template.CSS
	}{m, matrixHead, strings.TrimSpace(matrixWords), template.CSS(style)})
	if err != nil {
		return nil, fmt.Errorf("matrix: %w", err)
	}
	return b.Bytes(), nil
}
