package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"
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

// RunInfo is run.json: everything that was decided before the first trial.
type RunInfo struct {
	Schema    int               `json:"schema"`
	ID        string            `json:"id"`
	Scenario  Scenario          `json:"scenario"`
	Source    string            `json:"source"`      // the scenario's text, verbatim
	File      string            `json:"source_file"` // where it was read
	Overrides []string          `json:"overrides,omitempty"`
	Command   []string          `json:"command"` // to run it again
	Started   time.Time         `json:"started"`
	Backing   BackingInfo       `json:"backing"`
	Requests  int               `json:"requests"`
	Digest    string            `json:"schedule_digest"`
	Trials    []TrialInfo       `json:"trials"`
	Machine   Machine           `json:"machine"`
	Versions  map[string]string `json:"versions"`
}

// TrialInfo is one trial of the plan.
type TrialInfo struct {
	Name    string `json:"name"` // its folder: "sync-1"
	Variant string `json:"variant"`
	Repeat  int    `json:"repeat"` // from 1
}

// BackingInfo says what served as broker and database.
type BackingInfo struct {
	Name    string            `json:"name"`             // embedded or container
	Servers map[string]string `json:"servers"`          // "broker" -> "RabbitMQ 4.0.5"
	Images  map[string]string `json:"images,omitempty"` // "broker" -> image name and id
	Reason  string            `json:"reason,omitempty"` // why this one, when it was chosen automatically
}

// Machine is where a run took place.
type Machine struct {
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	CPUs    int    `json:"cpus"`
	CPU     string `json:"cpu,omitempty"`
	MemoryB int64  `json:"memory_bytes,omitempty"`
	Kernel  string `json:"kernel,omitempty"`
}

// Trials lays out the trials of a scenario: interleaved and turned round at
// every repeat (sync 1, async 1, async 2, sync 2, ...), so that a drift of the
// machine hits all variants alike.
func Trials(sc Scenario) []TrialInfo {
	var trials []TrialInfo
	for r := 1; r <= sc.Repeats; r++ {
		for i := range sc.Variants {
			v := sc.Variants[i]
			if r%2 == 0 {
				v = sc.Variants[len(sc.Variants)-1-i]
			}
			trials = append(trials, TrialInfo{Name: fmt.Sprintf("%s-%d", v, r), Variant: v, Repeat: r})
		}
	}
	return trials
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
func ReadRun(path string) (RunDir, RunInfo, error) {
	d := RunDir(path)
	var info RunInfo
	b, err := os.ReadFile(d.RunFile())
	if err != nil {
		return "", info, fmt.Errorf("%s is not a run directory: %w", path, err)
	}
	if err := json.Unmarshal(b, &info); err != nil {
		return "", info, fmt.Errorf("read %s: %w", d.RunFile(), err)
	}
	if info.Schema != ResultSchema {
		return "", info, fmt.Errorf("read %s: saw schema %d, this squall reads %d", d.RunFile(), info.Schema, ResultSchema)
	}
	info.Scenario.restoreParams()
	return d, info, nil
}

// restoreParams gives fault settings back the types that JSON lost.
func (s *Scenario) restoreParams() {
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
