package squall

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"squall/sim"
	"squall/sim/gate"
	"squall/sim/measure"
)

// Benchmark runs a scenario, a file or a name from the library, once for every
// iteration, with further flags of squall run, and reports the median of each
// figure of each variant: async-accept-p99-ms, sync-completed/s, and so on, in the
// units of squall report --format bench.
//
//	func BenchmarkPipeline(b *testing.B) { squall.Benchmark(b, "own.yaml") }
//
// The benchmark fails when an expectation of the scenario fails, or nobody can tell
// whether it holds. The program that it runs is the one that $SQUALL names, or
// squall of the PATH, or else the one of this module's version, which it builds
// (in a module outside squall's after go get -tool squall/cmd/squall).
func Benchmark(b *testing.B, scenario string, flags ...string) {
	b.Helper()
	program := find(b)
	samples := map[string][]float64{}
	for i := 0; b.Loop(); i++ {
		out := filepath.Join(b.TempDir(), fmt.Sprint(i))
		cmd := exec.Command(program, append([]string{"run", scenario, "--quiet", "--out", out}, flags...)...)
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			b.Fatal(err)
		}
		r, readErr := readResult(filepath.Join(out, "result.json"))
		if readErr != nil {
			b.Fatalf("%v\n%s", readErr, said)
		}
		if err != nil {
			b.Errorf("%s: %s", scenario, said)
		}
		add(samples, r)
	}
	b.ReportMetric(0, "ns/op") // how long a storm takes says nothing
	for unit, values := range samples {
		b.ReportMetric(measure.Median(values), unit)
	}
}

// add enters the figures of every trial of a run that is not in doubt.
func add(samples map[string][]float64, r sim.Result) {
	for variant, v := range r.Variants {
		for _, t := range v.Trials {
			for _, m := range gate.Metrics {
				if x := m.Value(t); !t.Doubtful && !math.IsNaN(x) {
					unit := strings.ReplaceAll(variant, " ", "_") + "-" + m.Unit
					samples[unit] = append(samples[unit], x)
				}
			}
		}
	}
}

func readResult(path string) (r sim.Result, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// find returns the program; it is built when there is none.
func find(b *testing.B) string {
	b.Helper()
	if named := os.Getenv("SQUALL"); named != "" {
		return named
	}
	if found, err := exec.LookPath("squall"); err == nil {
		return found
	}
	program := filepath.Join(b.TempDir(), "squall")
	build := exec.Command("go", "build", "-o", program, "squall/cmd/squall")
	if said, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build squall: %v\n%s", err, said)
	}
	return program
}
