package gate

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/record"
)

// TestFindBaseline: the one of the same scenario and machine; where another is
// allowed, the newest of the same scenario; otherwise an error that names them.
func TestFindBaseline(t *testing.T) {
	folder := t.TempDir()
	keep := func(digest, class string, day int) {
		b := Baseline{
			Schema: BaselineSchema, Scenario: "x", Digest: digest, Class: class,
			Started: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), Variants: map[string]Samples{},
		}
		if err := record.WriteJSON(filepath.Join(folder, b.FileName()), b); err != nil {
			t.Fatal(err)
		}
	}
	keep("one", "small", 1)
	keep("one", "large", 2)
	keep("two", "small", 3)
	for _, c := range []struct {
		digest, class string
		across        bool
		day           int
	}{
		{"one", "small", false, 1}, {"one", "small", true, 1}, {"two", "small", false, 3},
		{"one", "huge", true, 2}, // the newest of this scenario
		{"four", "huge", true, 3},
		{"one", "huge", false, 0},
	} {
		b, err := FindBaseline(folder, Baseline{Scenario: "x", Digest: c.digest, Class: c.class}, c.across)
		if c.day == 0 {
			if err == nil || !strings.Contains(err.Error(), "x-one-huge.json") ||
				!strings.Contains(err.Error(), "x-one-large.json, x-one-small.json") {
				t.Errorf("%+v: %v", c, err)
			}
		} else if err != nil || b.Started.Day() != c.day {
			t.Errorf("%+v: day %d, %v", c, b.Started.Day(), err)
		}
	}
	if _, err := FindBaseline(folder, Baseline{Scenario: "y"}, true); err == nil {
		t.Error("another scenario's baseline is taken")
	}
}

func TestBaselineOfARecordedRun(t *testing.T) {
	dir, info, err := record.ReadRun(filepath.Join("..", "..", "reports", "testdata", "small-storm"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir.ResultFile())
	if err != nil {
		t.Fatal(err)
	}
	var result sim.Result
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatal(err)
	}
	b := NewBaseline(info, &result)
	file := filepath.Join(t.TempDir(), b.FileName())
	if err := record.WriteJSON(file, b); err != nil {
		t.Fatal(err)
	}
	read, err := ReadBaseline(file)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := os.Stat(file); s.Size() > 200_000 {
		t.Errorf("%d bytes", s.Size())
	}
	two, err := Merge([]Baseline{read, b})
	if err != nil {
		t.Fatal(err)
	}
	sync := two.Variants["sync"]
	if broken := sync.Violations["all-or-none"]; len(sync.Trials) != 2 || len(sync.Figures["accept-p99-ms"]) != 2 ||
		len(broken) != 2 || broken[0] == 0 {
		t.Errorf("two runs added up: %+v", sync)
	}
	if len(b.Variants["sync"].Trials) != 1 || len(sync.Figures["lag-p99-ms"]) != 0 {
		t.Errorf("adding up changed a part, or a lower bound is a sample: %+v", b.Variants["sync"])
	}
	b.Variants["async"].Histograms["accept"] = "garbage"
	want := b.Run + " cannot be added up: async: accept: decode a histogram: "
	if _, err := Merge([]Baseline{read, b}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a histogram that cannot be decoded: %v", err)
	}
	if _, err := ReadBaseline(dir.RunFile()); !errors.Is(err, ErrNoBaseline) {
		t.Errorf("run.json is taken for a baseline: %v", err)
	}
}
