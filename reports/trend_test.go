package reports

import (
	"strings"
	"testing"
	"time"

	"squall/sim/gate"
)

// history is saved results of a scenario whose accept p99 doubles at the twelfth.
func history() (all []gate.Baseline) {
	for i := range 24 {
		level := 100 + float64(i%3)
		if i >= 12 {
			level *= 2
		}
		figures := map[string][]float64{"accept-p99-ms": {level, level + 1, level - 1}, "completed/s": {60}}
		all = append(all, gate.Baseline{
			Scenario: "x " + evil, Run: "r" + string(rune('a'+i)) + evil, Started: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
			Variants: map[string]gate.Samples{"async": {Figures: figures}},
		})
	}
	return all
}

func TestTrendMarksTheChange(t *testing.T) {
	all := history()
	all[0], all[20] = all[20], all[0] // in any order
	b, err := Trend(all)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	if n := strings.Count(page, "✗ worse"); n != 1 {
		t.Errorf("%d changes for the worse, expected 1", n)
	}
	for _, want := range []string{"× 1.99 since 2026-01-13 00:00 rm", "101 ms, then 202 ms"} {
		if !strings.Contains(page, want) && !strings.Contains(page, strings.Replace(want, "1.99", "2", 1)) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(page, evil) {
		t.Error("it is not escaped")
	}
	if shown := evaluate[int](t, browser(t, b), `document.querySelectorAll("figure svg").length`); shown != 2 {
		t.Errorf("%d figures are drawn", shown)
	}
	all[3].Scenario = "other"
	if _, err := Trend(all); err == nil {
		t.Error("two scenarios make a trend")
	}
}
