package squall

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
	"time"

	"squall/sim"
	"squall/sim/host"
	"squall/sim/run"
)

// describeRun is everything that is decided before the first trial. system is
// another program for the pipeline's processes, or "".
func describeRun(id string, started time.Time, sc Scenario, system string, b sim.BackingInfo, reason string, s *sim.Schedule) sim.RunInfo {
	b.Reason = reason
	info := sim.RunInfo{
		Schema: sim.ResultSchema, ID: id, Scenario: sc.Scenario, Source: sc.Text, File: sc.File, Overrides: sc.Overrides,
		Started: started, Backing: b, Requests: len(s.At), Digest: s.Digest(), Trials: run.Trials(sc.Scenario),
		Machine: host.Describe(), Versions: Versions(),
	}
	info.Command = []string{"squall", "run", sc.Given, "--backing", b.Name}
	if system != "" {
		info.Command = append(info.Command, "--system", system)
		info.Versions["system"] = digest(system)
	}
	for _, o := range sc.Overrides {
		info.Command = append(info.Command, "--set", o)
	}
	return info
}

// Versions says which squall this is, and which Go built it.
func Versions() map[string]string {
	v := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		v["go"] = info.GoVersion
		v["squall"] = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v["revision"] = s.Value
			}
		}
	}
	return v
}

// digest tells one build of a program from another; "unreadable" if it cannot be
// read.
func digest(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "unreadable"
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "unreadable"
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}
