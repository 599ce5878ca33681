package reports

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"squall/sim"
	"squall/sim/record"
)

var update = flag.Bool("update", false, "write the expected files anew")

// recorded reads the run that is kept in testdata: a storm of seven seconds with
// two faults, which the synchronous variant did not get through unharmed.
// TestRecordedRun in cmd/squall holds its result to its history.
func recorded(t *testing.T) (sim.RunInfo, *sim.Result) {
	t.Helper()
	dir, info, err := record.ReadRun(filepath.Join("testdata", "small-storm"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.ReadResult(dir.ResultFile())
	if err != nil {
		t.Fatal(err)
	}
	return info, r
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				t.Fatalf("%s, line %d (-update writes it anew):\nwant %q\nsaw  %q", name, i+1, at(a, i), at(b, i))
			}
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// TestRecordedFormats: what each format says of the recorded run.
func TestRecordedFormats(t *testing.T) {
	info, r := recorded(t)
	junit, err := JUnit(info, r, []string{"sync", "async"})
	if err != nil {
		t.Fatal(err)
	}
	page, err := HTML(info, r)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"summary.md": Markdown(info, r), "junit.xml": string(junit), "bench.txt": Bench(info, r), "terminal.txt": Terminal(info, r),
		"outline.txt": outline(string(page)),
	} {
		golden(t, name, text)
	}
}

// TestSummariesFit: 20 lines of 80 columns with the line that says where the
// report is, and 60 of Markdown, however much there is to tell.
func TestSummariesFit(t *testing.T) {
	info, r := recorded(t)
	for i := range 40 {
		r.Reasons = append(r.Reasons, sim.Reason{Kind: sim.ReasonDeath, Text: fmt.Sprintf("reason %d %s", i, strings.Repeat("long ", 40))})
		verdict := []sim.Verdict{sim.Pass, sim.Fail}[i%2]
		r.Expect = append(r.Expect, sim.Expectation{Text: fmt.Sprintf("async.accept.p99 < %dms", i), Verdict: verdict})
	}
	text := Terminal(info, r)
	if n := strings.Count(text, "\n"); n > terminalLines-1 {
		t.Errorf("the terminal's summary has %d lines:\n%s", n, text)
	}
	for _, line := range strings.Split(text, "\n") {
		if n := len([]rune(line)); n > terminalColumns {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if !strings.Contains(text, "fail     sync.audit.violations == 0") {
		t.Errorf("what failed is not told first:\n%s", text)
	}
	if n := strings.Count(Markdown(info, r), "\n"); n >= 60 {
		t.Errorf("the Markdown has %d lines", n)
	}
}

// structure finds what makes up a page: parts, headings, columns, charts, lines.
var structure = regexp.MustCompile(`<section id="([^"]+)"|<h([1-4])[^>]*>(.*?)</h|<th scope="(?:col|row)"[^>]*>(.*?)</th>|` +
	`data-chart="([^"]+)"|<dt id="([^"]+)"|<summary>(.*?)</summary>`)

var tags = regexp.MustCompile(`<[^>]*>`)

// outline is a page's structure as text, a line for each part.
func outline(page string) string {
	page, scripts, _ := strings.Cut(page, `<script id="data"`)
	var b strings.Builder
	for _, m := range structure.FindAllStringSubmatch(page, -1) {
		text := strings.Join(strings.Fields(tags.ReplaceAllString(m[3]+m[4]+m[7], " ")), " ")
		switch {
		case m[1] != "":
			fmt.Fprintf(&b, "\nsection %s\n", m[1])
		case m[2] != "":
			fmt.Fprintf(&b, "h%s %s\n", m[2], text)
		case m[5] != "":
			fmt.Fprintf(&b, "chart %s\n", m[5])
		case m[6] != "":
			fmt.Fprintf(&b, "term %s\n", m[6])
		case m[7] != "":
			fmt.Fprintf(&b, "  details %s\n", text)
		default:
			fmt.Fprintf(&b, "  | %s\n", text)
		}
	}
	b.WriteString("\nlines of the charts\n")
	for _, m := range regexp.MustCompile(`"id":"([^"]+)"|"name":"([^"]+)","colour":"([vp][0-9]|soft)"`).FindAllStringSubmatch(scripts, -1) {
		if m[1] != "" {
			fmt.Fprintf(&b, "%s:\n", m[1])
		} else {
			fmt.Fprintf(&b, "  %s (%s)\n", m[2], m[3])
		}
	}
	return b.String()
}

// TestGlossaryInTheGuide: the guide has the same definitions as the report.
func TestGlossaryInTheGuide(t *testing.T) {
	const from, to = "<!-- figures: made from sim/measure/figures.go and reports/glossary.go -->\n", "<!-- end of figures -->"
	file := filepath.Join("..", "docs", "reading-a-report.md")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(b), from)
	table, tail, found := strings.Cut(rest, to)
	if !found {
		t.Fatalf("%s has no place for the figures", file)
	}
	if table == GlossaryTable() {
		return
	}
	if !*update {
		t.Fatalf("%s has other definitions than sim/measure/figures.go and reports/glossary.go (-update writes them anew)", file)
	}
	if err := os.WriteFile(file, []byte(head+from+GlossaryTable()+to+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
