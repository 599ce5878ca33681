package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// selftest holds the scenarios with which squall selftest proves the audit.
//
//go:embed selftest/*.yaml
var selftest embed.FS

// Selftest returns a scenario of the selftest.
func Selftest(name string) (text []byte, file string, err error) {
	file = "selftest/" + name + ".yaml"
	text, err = selftest.ReadFile(file)
	return text, file, err
}

// Names returns the names of the library's scenarios.
func Names() []string {
	found, err := fs.Glob(files, "*.yaml")
	if err != nil { // only for a malformed pattern
		panic(err)
	}
	for i, f := range found {
		found[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return found
}

// Load returns the text of a scenario: of a file, or by its name from the
// library. from says where it was found.
func Load(name string) (text []byte, from string, err error) {
	if !strings.ContainsAny(name, "/\\") && !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
		text, err = files.ReadFile(name + ".yaml")
		if err == nil {
			return text, name + ".yaml", nil
		}
		return nil, "", fmt.Errorf("no scenario named %q in the library, which has: %s; a file is named by its path, such as ./%s.yaml",
			name, strings.Join(Names(), ", "), name)
	}
	text, err = os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("no scenario file %s", name)
	}
	return text, name, err
}
