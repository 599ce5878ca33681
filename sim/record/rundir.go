package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// RunDir is a run's folder. The paths in it are documented in
// docs/whats-here.md.
type RunDir string

func (d RunDir) RunFile() string            { return filepath.Join(string(d), "run.json") }
func (d RunDir) ResultFile() string         { return filepath.Join(string(d), "result.json") }
func (d RunDir) ReportFile() string         { return filepath.Join(string(d), "report.html") }
func (d RunDir) SummaryFile() string        { return filepath.Join(string(d), "summary.md") }
func (d RunDir) Trial(name string) string   { return filepath.Join(string(d), name) }
func (d RunDir) Log(trial, p string) string { return filepath.Join(string(d), trial, "logs", p+".log") }
func (d RunDir) History(trial string) string {
	return filepath.Join(string(d), trial, "history.ndjson.zst")
}
func (d RunDir) Audit(trial string) string {
	return filepath.Join(string(d), trial, "audit.ndjson.zst")
}

// CreateRunDir makes a run's folder; one that is there already is an error.
func CreateRunDir(path string) (RunDir, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("create run directory: %w", err)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		if errors.Is(err, os.ErrExist) {
			return "", fmt.Errorf("create run directory: %s is there already", path)
		}
		return "", fmt.Errorf("create run directory: %w", err)
	}
	return RunDir(path), nil
}

// WriteJSON writes a file of the run whole or not at all.
func WriteJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return WriteFile(path, append(b, '\n'))
}

// WriteFile writes a file whole or not at all.
func WriteFile(path string, b []byte) error {
	tmp := path + ".part"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		_ = os.Remove(tmp) // the first error is the one to tell
		return fmt.Errorf("write: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		_ = os.Remove(tmp) // the first error is the one to tell
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
