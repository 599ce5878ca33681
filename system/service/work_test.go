package service

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// TestWorkQuantiles takes many samples, by ids as orders have them, and compares
// their median and 99th percentile with what was asked for.
func TestWorkQuantiles(t *testing.T) {
	const n = 100_000
	for _, c := range []struct {
		why  string
		work Work
	}{
		{"a provider that is mostly quick", Work{Median: 15 * time.Millisecond, P99: 90 * time.Millisecond}},
		{"almost the same for all", Work{Median: 20 * time.Millisecond, P99: 21 * time.Millisecond}},
		{"a long tail", Work{Median: time.Millisecond, P99: 200 * time.Millisecond}},
		{"short work", Work{Median: 50 * time.Microsecond, P99: 300 * time.Microsecond}},
	} {
		for _, seed := range []uint64{1, 42, math.MaxUint64} {
			samples := make([]time.Duration, n)
			for i := range samples {
				samples[i] = c.work.Sample(draw(seed, "work inventory", fmt.Sprintf("o-%d", i)))
			}
			slices.Sort(samples)
			// The quantiles of n samples scatter in the logarithm by these errors
			// (sigma is that of the logarithm); five of them are not exceeded by
			// chance, and the samples are the same in each run of the test.
			sigma := math.Log(float64(c.work.P99)/float64(c.work.Median)) / z99
			density := func(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }
			for _, q := range []struct {
				name string
				p, z float64
				want time.Duration
			}{{"median", 0.5, 0, c.work.Median}, {"p99", 0.99, z99, c.work.P99}} {
				got := samples[int(q.p*n)]
				scatter := sigma * math.Sqrt(q.p*(1-q.p)/n) / density(q.z)
				if off := math.Log(float64(got) / float64(q.want)); math.Abs(off) > 5*scatter+1e-6 {
					t.Errorf("%s, seed %d: saw a %s of %s; expected %s within %.2f %%", c.why, seed, q.name, got, q.want, 500*scatter)
				}
			}
		}
	}
}

func TestWorkSample(t *testing.T) {
	ms := time.Millisecond
	skewed := Work{Median: 15 * ms, P99: 90 * ms}
	for _, c := range []struct {
		why  string
		work Work
		u    float64
		want time.Duration
	}{
		{"the median is exact", skewed, 0.5, 15 * ms},
		{"the 99th percentile is exact", skewed, 0.99, 90 * ms},
		{"log-normal is symmetric in the logarithm", skewed, 0.01, 2500 * time.Microsecond},
		{"constant when both are equal", Work{Median: 7 * ms, P99: 7 * ms}, 0.999, 7 * ms},
		{"constant without a percentile", Work{Median: 7 * ms}, 0.999, 7 * ms},
		{"constant when the percentile is below the median", Work{Median: 7 * ms, P99: ms}, 0.001, 7 * ms},
		{"no work", Work{}, 0.999, 0},
	} {
		if got := c.work.Sample(c.u); (got - c.want).Abs() > time.Microsecond {
			t.Errorf("%s: saw %s; expected %s", c.why, got, c.want)
		}
	}
}

func TestFraction(t *testing.T) {
	for _, x := range []uint64{0, 1, 1 << 63, math.MaxUint64 - 1, math.MaxUint64} {
		if f := fraction(x); !(f > 0 && f < 1) {
			t.Errorf("the fraction of %d is %v; expected one between 0 and 1", x, f)
		}
	}
	worst := Work{Median: 15 * time.Millisecond, P99: 90 * time.Millisecond}.Sample(fraction(math.MaxUint64))
	if worst <= 90*time.Millisecond || worst > time.Minute {
		t.Errorf("the longest work is %s; expected it to be above the 99th percentile, and below a minute", worst)
	}
}

// TestDraw: what happens to an order depends on the seed, the purpose and the
// order, and on nothing else.
func TestDraw(t *testing.T) {
	if a, b := draw(1, "decline", "o-1"), draw(1, "decline", "o-1"); a != b {
		t.Errorf("saw %v, then %v; expected the same for the same order", a, b)
	}
	seen := map[float64]string{}
	for _, seed := range []uint64{0, 1, 1 << 40} {
		for _, purpose := range []string{"decline", "error", "error 1", "error 2", ""} {
			// "error" and " 1o-1" make the same text as "error 1" and "o-1".
			for _, id := range []string{"o-1", "o-2", " 1o-1", ""} {
				name := fmt.Sprintf("seed %d, purpose %q, order %q", seed, purpose, id)
				f := draw(seed, purpose, id)
				if other, taken := seen[f]; taken {
					t.Errorf("saw the same number for %s and %s", name, other)
				}
				seen[f] = name
			}
		}
	}
}

// TestDrawIsEven: of orders with ids in a row, as many fall into each tenth.
func TestDrawIsEven(t *testing.T) {
	const n = 50_000
	var tenths [10]int
	for i := range n {
		tenths[int(10*draw(7, "decline", fmt.Sprintf("o-%06d", i)))]++
	}
	// Chi-squared with 9 degrees of freedom is above 33 once in 10,000 times;
	// the numbers are the same in each run of the test.
	var chi float64
	for _, k := range tenths {
		chi += math.Pow(float64(k)-n/10, 2) / (n / 10)
	}
	if chi > 33 {
		t.Errorf("saw the tenths %v, chi-squared %.1f; expected 33 at most", tenths, chi)
	}
}

// TestCapacity: as many orders are worked on at once as there are workers, and
// one that waits gives up with its context.
func TestCapacity(t *testing.T) {
	c := make(capacity, 2)
	for range 2 {
		if err := c.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.acquire(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("saw %v; expected %v, since both workers are busy", err, context.Canceled)
	}
	c.release()
	if err := c.acquire(t.Context()); err != nil {
		t.Errorf("saw %v; expected a worker, since one became free", err)
	}
}

func TestSleep(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, d := range []time.Duration{0, time.Hour} {
		if err := sleep(gone, d); !errors.Is(err, context.Canceled) {
			t.Errorf("for %s after the end of the context: saw %v; expected %v", d, err, context.Canceled)
		}
	}
	began := time.Now()
	if err := sleep(t.Context(), 20*time.Millisecond); err != nil || time.Since(began) < 20*time.Millisecond {
		t.Errorf("saw %v after %s; expected nil after 20ms or more", err, time.Since(began))
	}
}
