package gate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"squall/sim"
	"squall/sim/measure"
)

// BaselineSchema is the version of a baseline's file.
const BaselineSchema = 1

// Baseline is what is kept of a run to compare others with: every trial's figures,
// and the histograms of all of them together. It is small enough to be committed.
type Baseline struct {
	Schema   int    `json:"schema"`
	Scenario string `json:"scenario"`
	// Digest is of the scenario as it was resolved, without how often it was
	// repeated; with the machine's class it is what a baseline is kept under.
	Digest  string    `json:"scenario_digest"`
	Class   string    `json:"machine_class"`
	Run     string    `json:"run"`
	Started time.Time `json:"started"`

	Machine  sim.Machine       `json:"machine"`
	Backing  string            `json:"backing"`
	Servers  map[string]string `json:"servers"`
	Versions map[string]string `json:"versions"`

	// Thresholds are the scenario's own, by figure.
	Thresholds map[string]sim.Threshold `json:"thresholds,omitempty"`

	Variants map[string]Samples `json:"variants"`
}

// Samples are the trials of one variant. Those in doubt are left out, since their
// figures may be wrong.
type Samples struct {
	Trials []string `json:"trials"`
	// Figures has, by the unit of each figure, a value for every trial that has one.
	Figures map[string][]float64 `json:"figures"`
	// Violations has, by invariant, how many orders broke it in each trial.
	Violations map[string][]int `json:"violations"`
	// Histograms are HdrHistograms of all trials (V2, base64, microseconds).
	Histograms map[string]string `json:"histograms,omitempty"`
	LeftOut    []string          `json:"left_out,omitempty"` // trials in doubt, each with why
}

// NewBaseline makes a baseline of a judged run.
func NewBaseline(info sim.RunInfo, r *sim.Result) Baseline {
	b := Baseline{
		Schema: BaselineSchema, Scenario: info.Scenario.Name, Digest: ScenarioDigest(info.Scenario),
		Class: MachineClass(info.Machine), Run: info.ID, Started: info.Started,
		Machine: info.Machine, Backing: info.Backing.Name, Servers: info.Backing.Servers, Versions: info.Versions,
		Thresholds: info.Scenario.Compare, Variants: map[string]Samples{},
	}
	for name, v := range r.Variants {
		s := Samples{Trials: []string{}, Figures: map[string][]float64{}, Violations: map[string][]int{}, Histograms: map[string]string{}}
		for _, t := range v.Trials {
			for _, inv := range t.Audit.Invariants { // what an audit saw counts even in a doubtful trial
				s.Violations[inv.Name] = append(s.Violations[inv.Name], inv.Violations)
			}
			if t.Doubtful {
				s.LeftOut = append(s.LeftOut, t.Trial+": "+t.Reasons.String())
				continue
			}
			s.Trials = append(s.Trials, t.Trial)
			for _, f := range measure.Kept() {
				if r := f.Read(t.Measured()); r.Bound == sim.Exact { // a lower bound is no sample
					s.Figures[f.Unit] = append(s.Figures[f.Unit], r.Value)
				}
			}
		}
		for figure, packed := range map[string]string{"accept": v.Accept.Packed, "complete": v.Complete.Packed, "lag": v.Lag.Convergence.Packed} {
			if packed != "" {
				s.Histograms[figure] = packed
			}
		}
		b.Variants[name] = s
	}
	return b
}

// ScenarioDigest is the same for two runs of the same load and faults. It is of the
// scenario as it was resolved, without its words, its number of repeats, and what is
// asked of its figures.
func ScenarioDigest(sc sim.Scenario) string {
	sc.Summary, sc.Claim, sc.Repeats, sc.Expect, sc.Steady, sc.Stop, sc.Compare = "", "", 0, nil, nil, nil, nil
	b, err := json.Marshal(sc)
	if err != nil { // cannot be: JSON has all that it is made of
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// MachineClass is what machines have in common on which the same figures can be
// expected: processor, cores, memory to the next power of two, and system.
func MachineClass(m sim.Machine) string {
	gib := 1
	for int64(gib)<<30 < m.MemoryB*9/10 {
		gib *= 2
	}
	words := strings.Fields(strings.ToLower(m.CPU))
	return fmt.Sprintf("%s-%s-%dx-%dg-%s", m.OS, m.Arch, m.CPUs, gib, slug(strings.Join(words, "-")))
}

// slug returns the characters of a text that can be part of a file's name.
func slug(s string) string {
	kept := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(s))
	return strings.Trim(kept[:min(len(kept), 40)], "-")
}

// FileName is the name of a baseline's file.
func (b Baseline) FileName() string {
	return fmt.Sprintf("%s-%s-%s.json", slug(b.Scenario), b.Digest, b.Class)
}

// ErrNoBaseline says that a file is something else than a baseline.
var ErrNoBaseline = errors.New("it is no baseline")

// ReadBaseline reads a baseline's file.
func ReadBaseline(path string) (b Baseline, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return b, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&b); err != nil || b.Schema == 0 || b.Variants == nil {
		return b, fmt.Errorf("read %s: %w", path, ErrNoBaseline)
	}
	if b.Schema != BaselineSchema {
		return b, fmt.Errorf("read %s: saw schema %d, this squall reads %d", path, b.Schema, BaselineSchema)
	}
	return b, nil
}
