package squall

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	mostColumns = 140 // of a line, in characters
	mostLines   = 70  // of a function outside tests
	mostFiles   = 25  // of a package, without its tests
)

// manyFiles are the packages with a file for each thing of their kind.
var manyFiles = []string{"sim/fault", "sim/check"}

// sources calls f with every file of the tree that has one of the endings, except
// for what runs and builds leave.
func sources(t *testing.T, endings []string, f func(file, text string)) {
	t.Helper()
	left := []string{".git", "runs", "bin", "ci-out"}
	files := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(left, file):
			return fs.SkipDir
		case !d.IsDir() && slices.Contains(endings, filepath.Ext(file)):
			files++
			f(filepath.ToSlash(file), read(t, file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatalf("no file ends with %v", endings)
	}
}

// longLines returns the numbers of the lines that are too long.
func longLines(text string) (found []string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if columns := utf8.RuneCountInString(strings.TrimRight(line, "\n")); columns > mostColumns {
			found = append(found, fmt.Sprintf("%d: %d characters", n, columns))
		}
	}
	return found
}

// longFunctions returns the functions of a file that are too long, those inside
// another counted with it.
func longFunctions(file, text string) (found []string, err error) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		name := "a function without a name"
		switch f := n.(type) {
		case *ast.FuncDecl:
			name = f.Name.Name
		case *ast.FuncLit:
		default:
			return true
		}
		first, last := files.Position(n.Pos()).Line, files.Position(n.End()).Line
		if lines := last - first + 1; lines > mostLines {
			found = append(found, fmt.Sprintf("%d: %s has %d lines", first, name, lines))
		}
		return false
	})
	return found, nil
}

// TestLinesFit: a line is read without scrolling.
func TestLinesFit(t *testing.T) {
	sources(t, []string{".go", ".js", ".css"}, func(file, text string) {
		if path.Ext(file) != ".go" && path.Dir(file) != "reports" {
			return
		}
		for _, found := range longLines(text) {
			t.Errorf("%s:%s, expected at most %d", file, found, mostColumns)
		}
	})
}

// TestFunctionsFit: a function fits a screen.
func TestFunctionsFit(t *testing.T) {
	sources(t, []string{".go"}, func(file, text string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		all, err := longFunctions(file, text)
		if err != nil {
			t.Error(err)
		}
		for _, found := range all {
			t.Errorf("%s:%s, expected at most %d", file, found, mostLines)
		}
	})
}

// TestPackagesFit: a package that holds more has more than one purpose.
func TestPackagesFit(t *testing.T) {
	files := map[string]int{}
	sources(t, []string{".go"}, func(file, _ string) {
		if !strings.HasSuffix(file, "_test.go") {
			files[path.Dir(file)]++
		}
	})
	for _, exempt := range manyFiles {
		if files[exempt] == 0 {
			t.Errorf("%s is exempt and has no files: where has it gone?", exempt)
		}
		delete(files, exempt)
	}
	for dir, n := range files {
		if n > mostFiles {
			t.Errorf("%s: %d files, expected at most %d", dir, n, mostFiles)
		}
	}
}

// retiredName is a name that the tree no longer uses, with what took its place.
type retiredName struct {
	name    string
	has     string // words of which a text has one when it uses the name; what is quick to look for
	now     string
	found   *regexp.Regexp
	endings []string // the files that are read; all when empty
	uses    string   // a line that must be found
	spares  string   // a line that must not be
}

// in returns where a text uses the name.
func (r retiredName) in(text string) [][]int {
	if !slices.ContainsFunc(strings.Fields(r.has), func(word string) bool { return strings.Contains(text, word) }) {
		return nil
	}
	return r.found.FindAllStringIndex(text, -1)
}

// The names were everyday words, which comments and scenarios go on using.
var retired = []retiredName{
	{name: "Stage", has: "Stage", now: "Deployment", found: regexp.MustCompile(`\b(sim|run)\.Stage\b|\*Stage\b|\btype Stage\b`),
		uses: "*sim.Stage", spares: "backlog by stage"},
	{name: "Stand", has: "Stand", now: "Deploy", found: regexp.MustCompile(`\b(sim|run)\.Stand\b|\bfunc Stand\(`),
		uses: "sim.Stand(ctx, c)", spares: "the images stand ready"},
	{name: "Setting", has: "Setting", now: "DeployConfig", found: regexp.MustCompile(`\b(sim|run)\.Setting\b|\btype Setting\b`),
		uses: "sim.Setting{}", spares: "debug.BuildSetting{}"},
	{name: "strike", has: "strike", now: "teardown", found: regexp.MustCompile(`\bstrike\(`),
		uses: "s.strike()", spares: "faults strike at once"},
	{name: "makeRoom", has: "makeRoom", now: "create a namespace", found: regexp.MustCompile(`\bmakeRoom\b`),
		uses: "makeRoom(ctx)", spares: "make room for more"},
	{name: "Parts", has: "Parts", now: "Dependencies", found: regexp.MustCompile(`\b(sim|run)\.Parts\b|\btype Parts\b`),
		uses: "sim.Parts{}", spares: "parts.html"},
	{name: "Facts", has: "Facts", now: "OrderRecord",
		found: regexp.MustCompile(`\b(sim|record)\.(Facts|FaultFacts)\b|\btype (Facts|FaultFacts)\b`),
		uses:  "func f(o *sim.Facts)", spares: "the facts that caused it"},
	{name: "Ledger of a trial", has: "Ledger", now: "TrialRecord", found: regexp.MustCompile(`\b(sim|record)\.(Read)?Ledger\b`),
		uses: "sim.ReadLedger(dir)", spares: "the provider's own ledger"},
	{name: "Mail, Post, Letter", has: "Mail Post Letter", now: "MessageTrace, routing, Message",
		found: regexp.MustCompile(`\b(sim|record|fault)\.(Mail|Post|Letter)\b|\btype (Mail|Post|Letter)\b`),
		uses:  "sim.Letter{}", spares: "http.MethodPost, overlayRun{Letter: a}, x-dead-letter-exchange"},
	{name: "Mailer", has: "Mailer", now: "MessageInjector", found: regexp.MustCompile(`\bMailer\b`),
		uses: "type Mailer interface {", spares: "mail"},
	{name: "trail", has: "trail", now: "timeline", found: regexp.MustCompile(`\btrails?\b`),
		uses: "trail, wanted := trails[id]", spares: "trailing bytes"},
	{name: "Holds", has: "Holds", now: "Evaluate", found: regexp.MustCompile(`\bHolds\b`), endings: []string{".go"},
		uses: "p.Holds(c)", spares: "whether it holds"},
	{name: "mention", has: "ention", now: "variables of an expression",
		found: regexp.MustCompile(`\bmentions?\(|\bMentions?\b`), endings: []string{".go"},
		uses: "mentions(text)", spares: "// a comment mentions it"},
	{name: "Inflict", has: "nflict", now: "NewInjection, runFault", found: regexp.MustCompile(`\b[Ii]nflict\b`),
		uses: "d.inflict(ctx, f)", spares: "what a fault inflicts"},
	{name: "passage", has: "passage", now: "failpoint", found: regexp.MustCompile(`\bpassages?\b`),
		uses: "p.passage(afterCommit)", spares: "passing"},
	{name: "Tuner, Tuning", has: "Tuner Tuning Tuned", now: "Degrader, Degradation, DegradationReport",
		found: regexp.MustCompile(`\b(Tuner|Tuning|Tuned)\b`),
		uses:  "type Tuner interface {", spares: "a figure to tune by"},
	{name: "tuned", has: "tuned", now: "degraded", found: regexp.MustCompile(`\btuned\b`), endings: []string{".go"},
		uses: "type tuned struct {", spares: "untuned"},
	{name: "Flavour", has: "lavour", now: "Backend", found: regexp.MustCompile(`\b[Ff]lavours?\b`),
		uses: "flavour string", spares: "flavoured"},
	{name: "Witness", has: "itness", now: "ProbeConn", found: regexp.MustCompile(`\b[Ww]itness(es)?\b`),
		uses: "sim.Witness", spares: "witnessed"},
	{name: "Ask", has: "Ask", now: "Probe", found: regexp.MustCompile(`\.Ask\(|\bAsk\(\) error`),
		uses: "w.Ask()", spares: "Ask what would be seen"},
	{name: "thin", has: "thin", now: "downsample", found: regexp.MustCompile(`\bthin\(|\bthin(_test)?\.go\b`),
		uses: "*v = thin(*v, k)", spares: "a thin line"},
	{name: "Stretch", has: "tretch", now: "Interval", found: regexp.MustCompile(`\bStretch\b|\bstretch\w*\[`),
		uses: "type Stretch struct {", spares: "a stretch of time"},
	{name: "again", has: "again(", now: "retryOrPark", found: regexp.MustCompile(`\)? again\(|\.again\(`), endings: []string{".go"},
		uses: "func (p *process) again(j *job) {", spares: "// it comes again (see retry)"},
	{name: "lab", has: "lab Lab", now: "testbed", found: regexp.MustCompile(`\blab\b|\b[a-z]+Lab\b`), endings: []string{".go"},
		uses: "lab, closeLab, err := open()", spares: "labelled(t), -label"},
	{name: "goFirst", has: "goFirst", now: "raisePriority", found: regexp.MustCompile(`\bgoFirst\b`),
		uses: "goFirst()", spares: "go first"},
	{name: "Rates", has: "Rates", now: "Throughput", found: regexp.MustCompile(`\.Rates\b|\btype Rates\b`),
		uses: "{{.Rates.Offered}}", spares: "the rates of a phase"},
	{name: "Use", has: "Use", now: "Resources", found: regexp.MustCompile(`\bsim\.Use\b|\btype Use\b`),
		uses: "sim.Use{}", spares: `Use: "squall",`},
	{name: "a file that is gone", has: ".go", now: "what docs/whats-here.md names",
		found: regexp.MustCompile(`\b(stage|storm|inflict|guard|lines|trail|mention|parts|mail|tune|lab)\.go\b`),
		uses:  "`stage.go` puts a system up", spares: "baseline.go, parts.html"},
}

// TestRetiredNamesAreGone: code, pages and scenarios speak of one thing by one name.
// CHANGELOG.md may say what a thing was called.
func TestRetiredNamesAreGone(t *testing.T) {
	sources(t, []string{".go", ".md", ".yaml", ".js", ".html", ".txtar"}, func(file, text string) {
		if file == "CHANGELOG.md" || file == "habits_test.go" {
			return
		}
		for _, r := range retired {
			if len(r.endings) > 0 && !slices.Contains(r.endings, path.Ext(file)) {
				continue
			}
			for _, at := range r.in(text) {
				line := 1 + strings.Count(text[:at[0]], "\n")
				t.Errorf("%s:%d: saw %q, expected none of %s: it is %s now", file, line, text[at[0]:at[1]], r.name, r.now)
			}
		}
	})
}

// TestRetiredNamesAreFound: each row finds the old use, and spares what
// goes on being said.
func TestRetiredNamesAreFound(t *testing.T) {
	for _, r := range retired {
		if len(r.in(r.uses)) == 0 {
			t.Errorf("%s: %q is not found in %q", r.name, r.found, r.uses)
		}
		if len(r.in(r.spares)) > 0 {
			t.Errorf("%s: %q is found in %q", r.name, r.found, r.spares)
		}
	}
}

// TestHabitsAreSeen: what is too long is found, and what just fits is not.
func TestHabitsAreSeen(t *testing.T) {
	for _, c := range []struct {
		why, line string
		long      bool
	}{
		{"it just fits", strings.Repeat("x", mostColumns), false},
		{"one too many", strings.Repeat("x", mostColumns+1), true},
		{"characters count, not bytes", strings.Repeat("é", mostColumns), false},
		{"a tab is one character", strings.Repeat("\t", mostColumns), false},
	} {
		if found := longLines("short\n" + c.line + "\n"); (len(found) > 0) != c.long {
			t.Errorf("%s: saw %v", c.why, found)
		}
	}
	function := func(head string, lines int) string {
		return "package p\n\n" + head + " {\n" + strings.Repeat("\tprintln()\n", lines-2) + "}\n"
	}
	for _, c := range []struct {
		why, text string
		long      bool
	}{
		{"it just fits", function("func f()", mostLines), false},
		{"one line too many", function("func f()", mostLines+1), true},
		{"a method", function("func (t T) f()", mostLines+1), true},
		{"the value of a variable", function("var f = func()", mostLines+1), true},
	} {
		found, err := longFunctions("p.go", c.text)
		if err != nil || (len(found) > 0) != c.long {
			t.Errorf("%s: saw %v, %v", c.why, found, err)
		}
	}
}
