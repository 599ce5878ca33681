package squall

import (
	"os"
	"path/filepath"
	"testing"
)

// TestBenchmark: a scenario is run as a benchmark, and each of its figures is a
// metric.
func TestBenchmark(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	text := "name: own\nload: { phases: [ { for: 1s, rate: 20/s } ] }\nvariants: [async]\nexpect:\n  - async.audit.violations == 0\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := testing.Benchmark(func(b *testing.B) { Benchmark(b, file, Options{Backing: "embedded", Program: program}) })
	for _, unit := range []string{"async-accept-p99-ms", "async-completed/s", "async-lag-p50-ms", "async-cpu-ms/order"} {
		if r.Extra[unit] <= 0 {
			t.Errorf("%s is %v of %v", unit, r.Extra[unit], r.Extra)
		}
	}
	if r.Extra["async-violations"] != 0 {
		t.Errorf("%v violations", r.Extra["async-violations"])
	}
}
