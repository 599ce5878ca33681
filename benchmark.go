package squall

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"squall/sim"
	"squall/sim/measure"
)

// Benchmark runs a scenario, a file or a name from the library, once for every
// iteration, and reports the median of each figure of each variant:
// async-accept-p99-ms, sync-completed/s, and so on, in the units of squall report
// --format bench. set changes values of the scenario, such as "repeats=3".
//
//	func BenchmarkPipeline(b *testing.B) { squall.Benchmark(b, "own.yaml", squall.Options{}) }
//
// The benchmark fails when an expectation of the scenario fails, or nobody can tell
// whether it holds. The scenario is run by the test's own process; the processes
// under it are started from o.Program. Where that is "", it is the program that
// $SQUALL names, or squall of the PATH, or else the one of this module's version,
// which is built (in a module outside squall's after go get -tool
// squall/cmd/squall).
func Benchmark(b *testing.B, scenario string, o Options, set ...string) {
	b.Helper()
	if o.Program == "" {
		o.Program = findProgram(b)
	}
	sc, err := ReadScenario(scenario, set...)
	if err != nil {
		b.Fatal(err)
	}
	samples := map[string][]float64{}
	for i := 0; b.Loop(); i++ {
		o.Dir = filepath.Join(b.TempDir(), fmt.Sprint(i))
		r, err := Run(b.Context(), sc, o)
		if err != nil {
			b.Fatal(err)
		}
		if r.Verdict != sim.Pass {
			b.Errorf("%s: %s: %s", scenario, r.Verdict, r.Reasons)
		}
		addFigures(samples, r.Result)
	}
	b.ReportMetric(0, "ns/op") // how long a scenario takes says nothing
	for unit, values := range samples {
		b.ReportMetric(measure.Median(values), unit)
	}
}

// addFigures enters the figures of every trial of a run that is not in doubt.
func addFigures(samples map[string][]float64, r *sim.Result) {
	for variant, v := range r.Variants {
		for _, t := range v.Trials {
			for _, f := range measure.Kept() {
				if x := f.Read(t.Measured()); !t.Doubtful && x.Bound == sim.Exact {
					unit := strings.ReplaceAll(variant, " ", "_") + "-" + f.Unit
					samples[unit] = append(samples[unit], x.Value)
				}
			}
		}
	}
}

// findProgram returns the squall program; it is built when there is none.
func findProgram(b *testing.B) string {
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
