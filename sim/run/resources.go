package run

import (
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// meterGrace is how long readings of a server may fail unmentioned after the
// trial's start, and after the heal of a fault that held it: the meter of a
// container has no reading for a moment after the container was started.
const meterGrace = 10 * time.Second

// meters reads what processes and servers have used, and tells of readings that
// fail: once when they begin to, and how many there were when they end.
type meters struct {
	write func(sim.Event)
	// excused reports whether readings of a source are expected to fail now.
	excused func(src string) bool
	missed  map[string]int // by source: readings that failed in a row; told of
}

// read writes a reading of one source. One that does not run, because it was
// killed, has none.
func (m *meters) read(src string, from sim.Metered) {
	r, err := from.Resources()
	switch {
	case err == nil:
		m.ended(src)
		m.write(sim.Event{Src: src, Kind: sim.ResourceSample, Values: map[string]float64{
			"cpu_s": r.CPU.Seconds(), "rss_bytes": float64(r.RSS), "connections": float64(r.Connections),
		}})
	case errors.Is(err, os.ErrProcessDone), m.excused(src):
	default:
		if m.missed[src]++; m.missed[src] == 1 {
			m.write(sim.Event{Src: src, Kind: sim.ResourcesFailed, Detail: err.Error()})
		}
	}
}

// ended tells how many readings of a source have failed in a row.
func (m *meters) ended(src string) {
	if n := m.missed[src]; n > 0 {
		m.write(sim.Event{Src: src, Kind: sim.ResourcesMissed, Values: map[string]float64{"readings": float64(n)}})
		delete(m.missed, src)
	}
}

// close tells of the readings that fail to the end.
func (m *meters) close() {
	for _, src := range slices.Sorted(maps.Keys(m.missed)) {
		m.ended(src)
	}
}

// hold says that a fault holds a server, or does no longer.
func (t *trial) hold(server string, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on {
		t.held[server]++
		return
	}
	t.held[server]--
	t.released[server] = clock.Now()
}

// meterExcused reports whether readings of a source are expected to fail: it is a
// server that was started a moment ago, or that a fault holds.
func (t *trial) meterExcused(src string) bool {
	if _, server := t.Servers.ByName[src]; !server {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	since := max(t.start, t.released[src])
	return t.held[src] > 0 || clock.Now() < since+int64(meterGrace)
}
