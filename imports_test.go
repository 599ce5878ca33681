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
	to   []string
}{
	{".", []string{"sim", "sim/gate", "sim/measure"}},
	{"cmd/squall/internal", []string{"sim"}},
	{"cmd", []string{"sim", "scenarios", "system", "reports", "cmd/squall/internal"}},
	{"reports", []string{"sim", "sim/measure", "sim/check", "sim/gate"}},
	{"scenarios", []string{"sim"}},
	{"sim/gate", []string{"sim", "sim/measure"}},
	{"sim", []string{"sim"}},
	{"system", []string{"system"}},
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
		if from != a.from && !strings.HasPrefix(from, a.from+"/") {
			continue
		}
		for _, ok := range a.to {
			if to == ok {
				return true
			}
			// Whole trees are open to cmd and, within system, to itself.
			if (a.from == "cmd" || a.from == "system") && strings.HasPrefix(to, ok+"/") {
				return true
			}
		}
	}
	return false
}

func TestArrowsRefuse(t *testing.T) {
	for _, wrong := range [][2]string{
		{"system/service", "sim"}, {"sim/check", "sim/measure"}, {"sim", "system/order"}, {"scenarios", "sim/fault"}, {"reports", "cmd/squall"},
	} {
		if allowed(wrong[0], wrong[1]) {
			t.Errorf("%s may import %s", wrong[0], wrong[1])
		}
	}
}
