package live

import (
	"slices"
	"testing"
	"time"

	"squall/sim"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// moment is a trial's progress after so much of its load, at an even rate of
// requests a second.
func moment(trial string, total, elapsed time.Duration, rate float64) sim.Progress {
	n := int64(rate * elapsed.Seconds())
	return sim.Progress{
		Trial: sim.TrialInfo{Name: trial, Variant: trial[:len(trial)-2]}, Trials: 2, Step: "load", Phase: "storm",
		Elapsed: elapsed, Total: total, Counts: sim.Counts{Offered: n, Accepted: n, Completed: n}, AcceptP99: 20, Backlog: 3,
	}
}

// load lets a watch see a trial from its start to its end, told every so often and
// not at all between the two moments of a gap.
func load(w *watch, trial string, total, ends, every time.Duration, gap [2]time.Duration) {
	start := moment(trial, total, 0, 20)
	start.Step = "start"
	w.take(start, epoch)
	for at := time.Duration(0); at < ends; at += every {
		if at < gap[0] || at >= gap[1] {
			w.take(moment(trial, total, at, 20), epoch.Add(at))
		}
	}
	end := moment(trial, total, ends, 20)
	end.Step = "drain"
	w.take(end, epoch.Add(ends))
	end.Step = "audit"
	w.take(end, epoch.Add(ends+5*time.Second))
}

func TestEachSecondHasOneSample(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		why                string
		total, ends, every time.Duration
		gap                [2]time.Duration
		want               []int
	}{
		{"told four times a second", 6000 * ms, 6000 * ms, 250 * ms, [2]time.Duration{}, []int{0, 1, 2, 3, 4, 5}},
		{"told at odd times", 6000 * ms, 6000 * ms, 370 * ms, [2]time.Duration{}, []int{0, 1, 2, 3, 4, 5}},
		{"the last second is no whole one", 3700 * ms, 3700 * ms, 250 * ms, [2]time.Duration{}, []int{0, 1, 2, 3}},
		{"too little of the last second to measure", 3200 * ms, 3200 * ms, 100 * ms, [2]time.Duration{}, []int{0, 1, 2}},
		{"ended early", 6000 * ms, 2600 * ms, 250 * ms, [2]time.Duration{}, []int{0, 1, 2}},
		{"over before anything is measured", 400 * ms, 400 * ms, 250 * ms, [2]time.Duration{}, nil},
		{"nothing was told for two seconds", 6000 * ms, 6000 * ms, 250 * ms, [2]time.Duration{1500 * ms, 3500 * ms}, []int{0, 2, 3, 4, 5}},
	} {
		var w watch
		load(&w, "async-1", c.total, c.ends, c.every, c.gap)
		var got []int
		for _, s := range w.now.samples {
			got = append(got, s.second)
			if rate := s.values[gaugeOffered]; rate < 18.5 || rate > 21.5 {
				t.Errorf("%s: second %d: %.1f offered a second, expected 20", c.why, s.second, rate)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: samples of the seconds %v, expected %v", c.why, got, c.want)
		}
	}
}

// TestOtherVariantStays: beside a trial stands the last one of another variant,
// never one of its own.
func TestOtherVariantStays(t *testing.T) {
	var w watch
	for _, c := range []struct{ trial, other string }{
		{"sync-1", ""}, {"async-1", "sync-1"}, {"async-2", "sync-1"}, {"sync-2", "async-2"},
	} {
		load(&w, c.trial, 2*time.Second, 2*time.Second, 250*time.Millisecond, [2]time.Duration{})
		other := ""
		if w.other != nil {
			other = w.other.trial
		}
		if other != c.other || w.now.trial != c.trial || len(w.now.samples) != 2 {
			t.Errorf("%s: beside it %q, expected %q; %d samples of %s, expected 2",
				c.trial, other, c.other, len(w.now.samples), w.now.trial)
		}
	}
}

func TestLeft(t *testing.T) {
	p := moment("sync-1", 30*time.Second, 10*time.Second, 20)
	p.Trials = 3
	w := watch{began: epoch, last: p}
	if got := w.left(epoch.Add(12 * time.Second)); got != 80*time.Second {
		t.Errorf("in the first trial: %s left, expected 20 s of this one and 30 s for each to come", got)
	}
	p.TrialIndex = 1
	w.last = p
	// The first trial took 50 s: what is over, without the load of this one.
	if got := w.left(epoch.Add(60 * time.Second)); got != 70*time.Second {
		t.Errorf("in the second trial: %s left, expected 20 s of this one and 50 s for the last", got)
	}
}

func TestGrowing(t *testing.T) {
	for _, c := range []struct {
		why    string
		values []float64
		want   bool
	}{
		{"too few to tell", []float64{1, 2, 3, 4, 5}, false},
		{"five times on end", []float64{1, 2, 3, 4, 5, 6}, true},
		{"not once", []float64{1, 2, 3, 3, 5, 6}, false},
		{"not any more", []float64{1, 2, 3, 4, 5, 6, 2}, false},
		{"after a fall", []float64{9, 2, 3, 4, 5, 6, 7}, true},
	} {
		if got := growing(c.values); got != c.want {
			t.Errorf("%s: %v: %v, expected %v", c.why, c.values, got, c.want)
		}
	}
}
