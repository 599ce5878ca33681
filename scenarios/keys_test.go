package scenarios

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestKeyTable holds docs/scenario-file.md to the texts of the keys.
func TestKeyTable(t *testing.T) {
	const begin, end = "<!-- keys: written by go test ./scenarios -run TestKeyTable -update -->\n", "<!-- end of keys -->\n"
	file := filepath.Join("..", "docs", "scenario-file.md")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s: no table of keys, expected one between %q and %q", file, begin, end)
	}
	want := "\n" + keyTable() + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table != want {
		t.Errorf("%s: its table of keys is not that of keys.go; -update writes it anew", file)
	}
}

// TestDefaultsOfKeys: a key that is given the value which it has when it is
// missing changes nothing.
func TestDefaultsOfKeys(t *testing.T) {
	const file = "name: x\nload: { phases: [ { name: a, for: 1s, rate: 1/s } ] }\n"
	without, err := Parse("x.yaml", []byte(file), catalogue())
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, k := range scenarioKeys {
		if k.missing == "" {
			continue
		}
		service := "inventory"
		switch {
		case strings.HasSuffix(k.path, ".transit"):
			service = "shipping"
		case strings.HasSuffix(k.path, ".declines"), strings.HasSuffix(k.path, ".errors"):
			service = "provider"
		}
		path := strings.NewReplacer("NAME", service, "[]", ".0").Replace(k.path)
		with, err := ParseWith("x.yaml", []byte(file), []string{path + "=" + k.missing}, catalogue())
		if err != nil {
			t.Errorf("%s: %v", k.path, err)
		} else if !reflect.DeepEqual(with, without) {
			t.Errorf("%s: %s makes\n%+v\nof\n%+v", k.path, k.missing, with, without)
		}
		tried++
	}
	if tried < 20 {
		t.Errorf("only %d keys have such a value", tried)
	}
}
