package squall

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"squall/sim"
	"squall/sim/record"
)

var updateRecorded = flag.Bool("update-recorded", false, "write the recorded run's result anew")

// TestRecordedRun judges a run that was recorded once: what is found in its files
// must stay the same to the last digit. The tests of the reports use its result.
func TestRecordedRun(t *testing.T) {
	dir, info, err := record.ReadRun(filepath.Join("reports", "testdata", "small-storm"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := judge(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	if *updateRecorded {
		if err := record.WriteJSON(dir.ResultFile(), r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(dir.ResultFile())
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the recorded run is judged otherwise than before: go test . -run TestRecordedRun -update-recorded, and look at git diff")
	}
	if r.Verdict != sim.Fail || r.Variants["sync"].Audit.Violations == 0 || r.Variants["async"].Audit.Violations != 0 {
		t.Errorf("verdict %s, %d and %d violations: it is no longer the run that the tests are about", r.Verdict,
			r.Variants["sync"].Audit.Violations, r.Variants["async"].Audit.Violations)
	}
}
