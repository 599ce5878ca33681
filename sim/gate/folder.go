package gate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// FindBaseline returns the baseline in a folder that a run is to be compared
// with: the one of its scenario and its machine's class. Where there is none, and
// across allows others, it is the newest of the same scenario, or of another of
// that name.
func FindBaseline(folder string, head Baseline, across bool) (Baseline, error) {
	exact := filepath.Join(folder, head.FileName())
	if _, err := os.Stat(exact); err == nil {
		return ReadBaseline(exact)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return Baseline{}, err
	}
	var best Baseline
	var others []string
	for _, file := range files {
		b, err := ReadBaseline(file)
		if err != nil || b.Scenario != head.Scenario {
			continue
		}
		others = append(others, filepath.Base(file))
		nearer := (b.Digest == head.Digest) && best.Digest != head.Digest
		same := (b.Digest == head.Digest) == (best.Digest == head.Digest)
		if nearer || same && b.Started.After(best.Started) {
			best = b
		}
	}
	if across && len(others) > 0 {
		return best, nil
	}
	err = fmt.Errorf("%s has no baseline of this scenario on this class of machine, which would be %s", folder, head.FileName())
	if len(others) > 0 {
		err = fmt.Errorf("%w; it has %s, which --across would take", err, strings.Join(others, ", "))
	}
	return best, err
}
