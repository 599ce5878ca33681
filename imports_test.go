package squall

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// arrows lists, for each folder, what it may import of this module. The first
// folder that holds a file's package decides.
var arrows = []struct {
	from string
	to   []string // "x/..." is x and all below it
}{
	{"cmd/squall/internal", []string{"sim"}},
	{"cmd", []string{".", "cmd/...", "reports", "scenarios", "sim", "sim/gate", "sim/measure", "sim/record", "sim/run"}},
	{"reports", []string{"sim", "sim/measure", "sim/check", "sim/gate", "sim/record"}},
	{"scenarios", []string{"sim", "sim/measure"}},
	{"system", []string{"system/..."}},
	{"sim/run", []string{"sim", "sim/clock", "sim/record"}},
	{"sim/gate", []string{"sim", "sim/measure"}},
	{"sim/measure", []string{"sim", "sim/record"}},
	{"sim/check", []string{"sim", "sim/record"}},
	{"sim/record", []string{"sim"}},
	{"sim/host", []string{"sim", "sim/link", "sim/proc"}},
	{"sim/clock", nil},
	{"sim/", []string{"sim", "sim/clock"}},
	{"sim", nil},
	{".", []string{"scenarios", "reports", "sim/...", "system/..."}},
}

// TestImportsGoOneWay reads the files themselves: the test cache knows when one
// of them changes.
func TestImportsGoOneWay(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasSuffix(filepath.Dir(path), "test") { // what only tests import may import what it tests with
			return err
		}
		files++
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range tree.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			to, ours := strings.CutPrefix(name, "squall/")
			if name == "squall" {
				to, ours = ".", true
			}
			if ours && !allowed(filepath.ToSlash(filepath.Dir(path)), to) {
				t.Errorf("%s imports %s", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files were read", files)
	}
}

func allowed(from, to string) bool {
	for _, a := range arrows {
		if from != a.from && !strings.HasPrefix(from, strings.TrimSuffix(a.from, "/")+"/") {
			continue
		}
		for _, ok := range a.to {
			tree, whole := strings.CutSuffix(ok, "/...")
			if to == tree || whole && strings.HasPrefix(to, tree+"/") {
				return true
			}
		}
		return false
	}
	return false
}

func TestArrowsRefuse(t *testing.T) {
	for _, wrong := range [][2]string{
		{"system/service", "sim"}, {"sim/check", "sim/measure"}, {"sim/record", "sim/run"}, {"sim/run", "sim/fault"},
		{"sim", "sim/clock"}, {"system/service", "scenarios"}, {"sim", "system/order"}, {"scenarios", "sim/fault"},
		{"cmd/squall", "sim/fault"}, {"cmd/squall/internal/live", "squall"}, {"reports", "cmd/squall"},
	} {
		if allowed(wrong[0], wrong[1]) {
			t.Errorf("%s may import %s", wrong[0], wrong[1])
		}
	}
}
