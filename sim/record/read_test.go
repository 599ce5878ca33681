package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"squall/sim"
)

// recordedRun is a run that was recorded under schema 1.
var recordedRun = filepath.Join("..", "..", "reports", "testdata", "small-storm")

func TestRunOfSchema1IsRead(t *testing.T) {
	var raw struct{ Schema int }
	b, err := os.ReadFile(RunDir(recordedRun).RunFile())
	if err == nil {
		err = json.Unmarshal(b, &raw)
	}
	if err != nil || raw.Schema != 1 {
		t.Fatalf("the recorded run has schema %d, expected one of schema 1: %v", raw.Schema, err)
	}
	_, info, err := ReadRun(recordedRun)
	if err != nil || info.Schema != sim.ResultSchema || info.Scenario.Name != "small-storm" || len(info.Trials) != 2 ||
		info.Backing.Name != "embedded" {
		t.Errorf("saw %+v, %v", info, err)
	}
}

// TestResultOfSchema1IsRead: the file is the result of that run as it was written
// under schema 1, without its series and examples.
func TestResultOfSchema1IsRead(t *testing.T) {
	r, err := ReadResult(filepath.Join("testdata", "result-schema-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	trial := r.Variants["sync"].Trials[0]
	if r.Schema != sim.ResultSchema || r.Verdict != sim.Fail || trial.Audit.Violations != 10 || trial.Load.Planned == 0 {
		t.Errorf("schema %d, verdict %s, %d violations, %d planned", r.Schema, r.Verdict, trial.Audit.Violations, trial.Load.Planned)
	}
	want := sim.Reasons{
		{Kind: sim.ReasonUntyped, Text: "expectation fail: sync.audit.violations == 0 (sync.audit.violations = 10)"},
		{Kind: sim.ReasonUntyped, Text: "sync-1: all-or-none: 10 violations"},
	}
	if !slices.Equal(r.Reasons, want) || trial.Reasons.String() != "all-or-none: 10 violations" {
		t.Errorf("reasons %+v; of the trial %+v", r.Reasons, trial.Reasons)
	}
	if got := places(r.Variants["async"].Trials[0].Around); got != "1 before, 1 during, 1 after, 2 before, 2 during, 2 after" {
		t.Errorf("intervals: %s", got)
	}
}

func places(intervals []sim.Interval) string {
	var all []string
	for _, i := range intervals {
		all = append(all, fmt.Sprintf("%d %s", i.Fault, i.Position))
	}
	return strings.Join(all, ", ")
}

// TestSameFaultTwiceInSchema1: intervals of faults with one name belong to the
// faults that were injected, in their order.
func TestSameFaultTwiceInSchema1(t *testing.T) {
	const around = `{"name":"before kill a"},{"name":"during kill a"},{"name":"after kill a"}`
	b, err := upgradeResult([]byte(`{"schema":1,"reasons":null,"variants":{"x":{"trials":[{"reasons":["a b"],
		"faults":[{"kind":"kill","target":"a","took_ms":0},{"kind":"kill","target":"a","took_ms":2},{"kind":"kill","target":"a","took_ms":1.5}],
		"around_faults":[` + around + "," + around + `]}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var r sim.Result
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if got := places(r.Variants["x"].Trials[0].Around); got != "2 before, 2 during, 2 after, 3 before, 3 during, 3 after" {
		t.Errorf("intervals: %s", got)
	}
}

func TestUnreadableResults(t *testing.T) {
	if _, err := ReadResult(filepath.Join(t.TempDir(), "result.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of one that is not there: %v", err)
	}
	for text, want := range map[string]string{
		`{"schema":3}`:             "saw schema 3, this squall reads 1 to 2",
		`{}`:                       "saw schema 0, this squall reads 1 to 2",
		`{"schema":1`:              "unexpected end of JSON input",
		`{"schema":2,"reasons":1}`: "cannot unmarshal number",
	} {
		file := filepath.Join(t.TempDir(), "result.json")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadResult(file); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: saw %v, expected %q", text, err, want)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(RunDir(dir).RunFile(), []byte(`{"schema":7}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadRun(dir); err == nil || !strings.Contains(err.Error(), "saw schema 7, this squall reads 1 to 2") {
		t.Errorf("of another schema: %v", err)
	}
}
