package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"squall/sim/measure"
)

// calls finds the commands of squall in a workflow.
var calls = regexp.MustCompile(`\./squall-head ([^>|\n]*)`)

// TestLeastEffectsAreTold: the page has every figure, with the least effect that
// the gate uses.
func TestLeastEffectsAreTold(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range measure.Compared() {
		row := regexp.MustCompile(`(?m)^\| (.*, )?` + regexp.QuoteMeta(f.Name) + `(, .*)? \| (.*) \|$`).FindStringSubmatch(string(page))
		if row == nil {
			t.Errorf("%s is not there", f.Name)
			continue
		}
		want := fmt.Sprintf("%.0f %%", 100*f.Compare.MinEffect)
		if f.Compare.Floor > 0 {
			want += fmt.Sprintf(", and %.0f ms", f.Compare.Floor)
		}
		if !f.Compare.Absolute && row[3] != want {
			t.Errorf("%s: saw %q, expected %q", f.Name, row[3], want)
		}
	}
}

// TestWorkflowsCallWhatThereIs: the ready-made workflows are YAML, and every
// command and flag of squall in them exists.
func TestWorkflowsCallWhatThereIs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "ci", "*.yml"))
	if err != nil || len(files) != 2 {
		t.Fatalf("workflows: %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var any map[string]any
		if err := yaml.Unmarshal(text, &any); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		found := calls.FindAllStringSubmatch(string(text), -1)
		if len(found) < 3 {
			t.Errorf("%s calls squall %d times", file, len(found))
		}
		for _, call := range found {
			words := strings.Fields(strings.NewReplacer(`"`, "", "$SCENARIO", "consumer-kill").Replace(call[1]))
			root := newRoot()
			root.SetOut(io.Discard)
			command, rest, err := root.Find(words)
			if err == nil && command == root {
				err = io.EOF
			}
			if err == nil {
				err = command.ParseFlags(rest)
			}
			if err == nil {
				err = command.ValidateArgs(command.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: squall %s: %v", file, call[1], err)
			}
		}
	}
}
