package squall

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// longTests are the tests that make test leaves out and make test-long runs, each
// with what takes it so long. A test belongs here when it takes a good part of a
// minute, and .ci/run is soon enough to learn of its failure.
var longTests = map[string]string{
	"TestLongFaultConformance":           "each fault's course takes some 3 s, for every variant but the first that can have it",
	"TestLongFaultConformanceContainer":  "RabbitMQ takes 10 to 25 s to be killed, restarted or alarmed, and to be whole again",
	"TestLongKilledAtAnyMoment":          "four runs of up to 14 s, each ended at a moment of its own",
	"TestLongKilledAtAnyMomentContainer": "two such runs with RabbitMQ and MariaDB",
	"TestLongLiveViewIsNeverBlank":       "two trials are watched from their start to their end",
	"TestLongScript":                     "the gate compares twenty runs, the selftest runs eight storms, unknown has a run for each doubt",
	"TestLongScriptContainer":            "a broker with three nodes, and runs that are interrupted while they start",
}

// tests lists the test functions of the tree, each by its name and where it is.
func tests(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				found[f.Name.Name] = path
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 100 {
		t.Fatalf("only %d tests were found", len(found))
	}
	return found
}

// recipe returns the commands of a target of the Makefile.
func recipe(t *testing.T, makefile, target string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + target + `:.*\n((?:\t.*\n)+)`).FindStringSubmatch(makefile)
	if m == nil {
		t.Fatalf("Makefile: no target %s with commands", target)
	}
	return m[1]
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWhatIsLongIsListed: what make test leaves out is what make test-long runs,
// and nobody leaves a test out without a reason in the list above.
func TestWhatIsLongIsListed(t *testing.T) {
	makefile := read(t, "Makefile")
	m := regexp.MustCompile(`(?m)^LONG := (\S+)$`).FindStringSubmatch(makefile)
	if m == nil {
		t.Fatal("Makefile: no line LONG := EXPRESSION")
	}
	long := regexp.MustCompile(m[1])
	found := tests(t)
	for name, path := range found {
		if long.MatchString(name) && longTests[name] == "" {
			t.Errorf("%s: make test leaves %s out; expected a reason for it in longTests of ci_test.go", path, name)
		}
	}
	for name := range longTests {
		if found[name] == "" || !long.MatchString(name) {
			t.Errorf("longTests has %s, which is no test (%q) or which make test runs", name, found[name])
		}
	}
	for target, flag := range map[string]string{"test": "-skip '$(LONG)' $(PACKAGES)", "test-long": "-run '$(LONG)' $(PACKAGES)"} {
		if commands := recipe(t, makefile, target); !strings.Contains(commands, flag) || strings.Count(commands, "$(LONG)") != 1 {
			t.Errorf("make %s: saw %q, expected %q in it", target, commands, flag)
		}
	}
	if !strings.Contains(read(t, ".ci/run"), "for set in test test-long; do") {
		t.Error(".ci/run does not run both test and test-long")
	}
}

// TestTargetsExplainThemselves: make help lists every target.
func TestTargetsExplainThemselves(t *testing.T) {
	makefile := read(t, "Makefile")
	m := regexp.MustCompile(`(?m)^\.PHONY: (.*)$`).FindStringSubmatch(makefile)
	if m == nil {
		t.Fatal("Makefile: no line .PHONY")
	}
	phony := strings.Fields(m[1])
	var explained []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):(.*)$`).FindAllStringSubmatch(makefile, -1) {
		if !strings.Contains(m[2], "## ") {
			t.Errorf("make %s: no explanation after ##", m[1])
		}
		explained = append(explained, m[1])
	}
	slices.Sort(phony)
	slices.Sort(explained)
	if !slices.Equal(phony, explained) {
		t.Errorf(".PHONY has %v, the targets are %v", phony, explained)
	}
}

// TestWorkflowRunsCI: the hosted workflow is YAML, runs .ci/run with the full
// history, and gives it more time than it may take.
func TestWorkflowRunsCI(t *testing.T) {
	var workflow struct {
		Jobs map[string]struct {
			Timeout int `yaml:"timeout-minutes"`
			Steps   []struct {
				Uses string         `yaml:"uses"`
				Run  string         `yaml:"run"`
				With map[string]any `yaml:"with"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	if err := yaml.Unmarshal([]byte(read(t, ".github/workflows/ci.yml")), &workflow); err != nil {
		t.Fatal(err)
	}
	runs, history := false, false
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			runs = runs || step.Run == ".ci/run" && job.Timeout > 45
			history = history || strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["fetch-depth"] == uint64(0)
		}
	}
	if !runs || !history {
		t.Errorf("it runs .ci/run with more than 45 minutes: %v; it checks out the full history: %v", runs, history)
	}
}
