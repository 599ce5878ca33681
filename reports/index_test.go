package reports

import (
	"strings"
	"testing"
	"time"
)

func TestIndex(t *testing.T) {
	info, r := run()
	info.Started = time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	later := info
	later.Started, later.Scenario.Name = info.Started.Add(time.Hour), "later"
	b, err := Index(evil, []IndexEntry{{Folder: "a " + evil, Info: info, Result: r}, {Folder: "b", Info: later}})
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	if strings.Contains(page, evil) {
		t.Error("it is not escaped")
	}
	if strings.Index(page, "later") > strings.Index(page, "2026-01-02 03:04") {
		t.Error("the latest does not come first")
	}
	for _, want := range []string{`href="b/report.html"`, "it was never judged", "no figures", "10.0 ms", `href="a%20%3Cscript`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page[strings.Index(page, "<body>"):])
		}
	}
}
