package load

import (
	"testing"
	"time"

	"squall/sim/clock"
)

// TestSleepThenSpin: the wait is over at its end, not when the timer that it
// uses says so, and never before.
func TestSleepThenSpin(t *testing.T) {
	for _, c := range []struct {
		why   string
		d     time.Duration
		sleep time.Duration // that is asked for
	}{
		{"a long wait is slept but for its end", 20 * time.Millisecond, 20*time.Millisecond - spinTime},
		{"a short wait is not slept at all", spinTime, 0},
		{"nothing to wait for", -time.Second, 0},
	} {
		asked := time.Duration(0)
		began := clock.Now()
		sleepThenSpin(c.d, func(d time.Duration) { asked = d }) // a timer that fires at once
		if took := time.Duration(clock.Now() - began); took < c.d {
			t.Errorf("%s: it took %s, expected %s or more", c.why, took, c.d)
		}
		if asked != c.sleep {
			t.Errorf("%s: it slept for %s, expected %s", c.why, asked, c.sleep)
		}
	}
}

// BenchmarkNap tells by how much each way of waiting for 3 ms is late.
func BenchmarkNap(b *testing.B) {
	const d = 3 * time.Millisecond
	for _, way := range []struct {
		name string
		wait func(time.Duration)
	}{{"nap", nap}, {"sleepThenSpin", func(d time.Duration) { sleepThenSpin(d, time.Sleep) }}, {"timer", time.Sleep}} {
		b.Run(way.name, func(b *testing.B) {
			late := time.Duration(0)
			for b.Loop() {
				began := clock.Now()
				way.wait(d)
				late += time.Duration(clock.Now()-began) - d
			}
			b.ReportMetric(float64(late.Microseconds())/float64(b.N), "µs-late/op")
		})
	}
}
