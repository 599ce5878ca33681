package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"squall/sim"
)

// RunDir is a run's folder. The paths in it are documented in
// docs/whats-here.md.
type RunDir string

// The files of a run.
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
			return "", fmt.Errorf("create run directory: %s is there already; name another with --out", path)
		}
		return "", fmt.Errorf("create run directory: %w", err)
	}
	return RunDir(path), nil
}

// ReadRun reads run.json of a finished or broken-off run.
func ReadRun(path string) (RunDir, sim.RunInfo, error) {
	d := RunDir(path)
	var info sim.RunInfo
	b, err := os.ReadFile(d.RunFile())
	if err != nil {
		return "", info, fmt.Errorf("%s is not a run directory: %w", path, err)
	}
	if err := json.Unmarshal(b, &info); err != nil {
		return "", info, fmt.Errorf("read %s: %w", d.RunFile(), err)
	}
	if info.Schema != sim.ResultSchema {
		return "", info, fmt.Errorf("read %s: saw schema %d, this squall reads %d", d.RunFile(), info.Schema, sim.ResultSchema)
	}
	restoreParams(&info.Scenario)
	return d, info, nil
}

// restoreParams gives fault settings back the types that JSON lost.
func restoreParams(s *sim.Scenario) {
	for _, f := range s.Faults {
		for name, v := range f.Params {
			if n, ok := v.(float64); ok && n == math.Trunc(n) {
				f.Params[name] = int(n)
			}
		}
	}
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
		os.Remove(tmp)
		return fmt.Errorf("write: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
