package fault

import (
	"context"
	"errors"
	"testing"
	"time"

	"squall/sim"
)

// wire is a link on which faults take hold, and are healed, as told.
type wire struct {
	works   bool
	heals   bool
	broken  error
	delayed time.Duration
	open    int
	blocked bool
	slow    int // round trips after the heal that are slow by themselves
	healed  bool
	traffic sim.Traffic
}

func (w *wire) Name() string { return "a->b" }
func (w *wire) RoundTrip(context.Context) (time.Duration, error) {
	if w.blocked {
		return 0, errors.New("connection refused")
	}
	if w.healed && w.slow > 0 {
		w.slow--
		return time.Second, nil
	}
	return time.Millisecond + w.delayed, w.broken
}
func (w *wire) OpenProbe(context.Context) (sim.ProbeConn, error) { return nil, errors.New("none here") }
func (w *wire) Shape(s sim.Shape) {
	if on := s != (sim.Shape{}); on && w.works || !on && w.heals {
		w.delayed = s.Delay
	}
	w.healed = s == sim.Shape{}
}
func (w *wire) Traffic() sim.Traffic             { return w.traffic }
func (w *wire) Cut() (int, error)                { return w.open, w.broken }
func (w *wire) Reset(time.Duration) (int, error) { return w.open, w.broken }
func (w *wire) Spare()                           {}
func (w *wire) Block(on bool) (int, error) {
	if on && w.works || !on && w.heals {
		w.blocked = on
	}
	return w.open, nil
}

func TestLatencyEvidence(t *testing.T) {
	for _, c := range []struct {
		why  string
		wire wire
		want sim.Verdict
	}{
		{"it took hold and was healed", wire{works: true, heals: true}, sim.Pass},
		{"a busy server was slow for a moment after it", wire{works: true, heals: true, slow: 8}, sim.Pass},
		{"it never took hold", wire{heals: true}, sim.Unknown},
		{"it was never healed", wire{works: true}, sim.Unknown},
		{"nothing could be measured", wire{works: true, heals: true, broken: errors.New("cut")}, sim.Unknown},
	} {
		i := injection("latency", map[string]any{"delay": 50 * time.Millisecond}, nil, &c.wire)
		if err := course(t, i); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if e := i.Evidence(); e.Verdict != c.want {
			t.Errorf("%s: evidence %+v, expected %s", c.why, e, c.want)
		}
	}
}

func TestPartitionEvidence(t *testing.T) {
	for _, c := range []struct {
		why  string
		wire wire
		want sim.Verdict
	}{
		{"it took hold and was healed", wire{works: true, heals: true, open: 2}, sim.Pass},
		{"it never took hold", wire{heals: true}, sim.Unknown},
		{"it was never healed", wire{works: true}, sim.Unknown},
		{"the link was dead before", wire{works: true, heals: true, broken: errors.New("refused")}, sim.Unknown},
	} {
		i := injection("partition", nil, nil, &c.wire)
		_ = course(t, i) // what came of it is in the evidence
		if e := i.Evidence(); e.Verdict != c.want {
			t.Errorf("%s: evidence %+v, expected %s", c.why, e, c.want)
		}
	}
}

func TestConnectionStormEvidence(t *testing.T) {
	for _, c := range []struct {
		why  string
		wire wire
		want sim.Verdict
	}{
		{"connections were cut", wire{open: 3}, sim.Pass},
		{"there was nothing to cut", wire{}, sim.Unknown},
		{"the link stays dead", wire{open: 3, broken: errors.New("refused")}, sim.Unknown},
	} {
		i := injection("connection-storm", nil, nil, &c.wire)
		_ = course(t, i) // what came of it is in the evidence
		if e := i.Evidence(); e.Verdict != c.want {
			t.Errorf("%s: evidence %+v, expected %s", c.why, e, c.want)
		}
	}
}

// pipe is a wire over which so many bytes go while a fault is in force.
type pipe struct {
	wire
	bytes  int64
	waited time.Duration
}

func (p *pipe) Shape(s sim.Shape) {
	if s != (sim.Shape{}) {
		p.traffic.Requests += p.bytes
		p.traffic.Throttled += p.waited
	}
}

// Shape is called after the bytes before are counted, and the bytes after before
// it is called again: what it adds counts as crossing in between.
func TestBandwidthEvidence(t *testing.T) {
	for _, c := range []struct {
		why  string
		pipe pipe
		want sim.Verdict
	}{
		{"bytes waited, and no more crossed than may", pipe{bytes: 400, waited: time.Second}, sim.Pass},
		{"the rate was not kept", pipe{bytes: 1e6, waited: time.Second}, sim.Unknown},
		{"the traffic never reached it", pipe{bytes: 400}, sim.Unknown},
	} {
		i := injection("bandwidth", map[string]any{"rate": 1000.0}, nil, &c.pipe)
		_ = course(t, i) // what came of it is in the evidence
		if e := i.Evidence(); e.Verdict != c.want {
			t.Errorf("%s: evidence %+v, expected %s", c.why, e, c.want)
		}
	}
}
