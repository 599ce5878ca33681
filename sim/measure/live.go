package measure

import (
	"sync"
	"time"

	"squall/sim"
)

// liveKept is how long answers are kept: as long as a condition may look back.
const liveKept = 10 * time.Minute

// Live keeps the answers and backlogs of a trial as it goes.
type Live struct {
	mu       sync.Mutex
	answers  []answered // in the order they came
	backlogs []level
}

type answered struct {
	at      int64
	outcome sim.Outcome
	took    int64 // answer - intended, ns
}

type level struct {
	at    int64
	total float64
}

// NewLive returns a Live.
func NewLive() *Live { return &Live{} }

// Add takes an event of the trial.
func (v *Live) Add(e sim.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e.Kind {
	case sim.ClientResponse:
		v.answers = append(v.answers, answered{e.At, e.Outcome, e.At - e.Intended})
	case sim.Gauges:
		total := 0.0
		for stage, n := range e.Values {
			if stage != sim.GaugeParked {
				total += n
			}
		}
		v.backlogs = append(v.backlogs, level{e.At, total})
	}
	// Answers may come a little out of order, so that some stay longer than needed.
	for len(v.answers) > 0 && v.answers[0].at < e.At-int64(liveKept) {
		v.answers = v.answers[1:]
	}
}

// AcceptP99 is in milliseconds, of the requests answered since a moment; 0 where
// there was none.
func (v *Live) AcceptP99(from int64) float64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	recent := make(buckets, 1)
	for i := len(v.answers) - 1; i >= 0 && v.answers[i].at >= from; i-- {
		recent[0] = append(recent[0], v.answers[i].took)
	}
	recent.sort()
	if p99 := recent.quantiles(0.99)[0]; p99 != nil {
		return *p99
	}
	return 0
}

// Figures are those of the answers that came from one moment to another:
// accept, throughput (accepted) and backlog.
func (v *Live) Figures(from, to int64) *sim.VariantResult {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := newTally(time.Duration(max(1, to-from)))
	for i := len(v.answers) - 1; i >= 0 && v.answers[i].at >= from; i-- {
		a := v.answers[i]
		if a.at >= to {
			continue
		}
		switch a.outcome {
		case sim.OutcomeOK:
			t.ok++
		case sim.OutcomeFail:
			t.fail++
		default:
			t.info++
		}
		t.accept.add(a.took)
	}
	r := &sim.VariantResult{Accept: t.sum(), Throughput: t.rates()}
	for i := len(v.backlogs) - 1; i >= 0 && v.backlogs[i].at >= from; i-- {
		if b := v.backlogs[i]; b.at < to {
			r.Backlog.Peak = max(r.Backlog.Peak, b.total)
		}
	}
	return r
}
