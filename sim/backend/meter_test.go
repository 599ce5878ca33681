package backend

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// testdata/stats.ndjson is what an engine sent about a MariaDB container in four
// seconds; the last of its readings:
var lastReading = sim.Resources{CPU: 699565388, RSS: 141193216}

// settled reads a meter until it holds.
func settled(t *testing.T, m *meter, holds func(sim.Resources, error) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; clock.Sleep(t.Context(), time.Millisecond) {
		r, err := m.Resources()
		if holds(r, err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the meter stays at %+v, %v", r, err)
		}
	}
}

func TestMeter(t *testing.T) {
	recorded, err := os.ReadFile("testdata/stats.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	stream, engine := io.Pipe()
	opened := 0
	m := listenTo(func(ctx context.Context) (io.ReadCloser, error) {
		if opened++; opened > 1 {
			return nil, errors.New("no such container")
		}
		return stream, nil
	})
	defer m.close()
	if _, err := m.Resources(); err == nil {
		t.Error("a reading before there is one")
	}
	if _, err := engine.Write(recorded); err != nil {
		t.Fatal(err)
	}
	settled(t, m, func(r sim.Resources, err error) bool { return err == nil && r == lastReading })
	// The container ended: what it used until then is kept, with the reason why
	// nothing comes.
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	settled(t, m, func(r sim.Resources, err error) bool {
		return err != nil && strings.Contains(err.Error(), "EOF") && r == lastReading
	})
}

// TestMeterListensAgain: a container that is started again is metered again.
func TestMeterListensAgain(t *testing.T) {
	recorded, err := os.ReadFile("testdata/stats.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := bytes.Cut(recorded, []byte("\n"))
	streams := [][]byte{first, rest}
	m := listenTo(func(ctx context.Context) (io.ReadCloser, error) {
		if len(streams) == 0 {
			return nil, errors.New("no such container")
		}
		next := streams[0]
		streams = streams[1:]
		return io.NopCloser(bytes.NewReader(next)), nil
	})
	defer m.close()
	settled(t, m, func(r sim.Resources, _ error) bool { return r == lastReading })
}

func TestMetersAddUp(t *testing.T) {
	broken := errors.New("no reading yet")
	all := meters{
		{last: sim.Resources{CPU: time.Second, RSS: 10}}, {last: sim.Resources{CPU: 5 * time.Second, RSS: 100}, err: broken},
		{last: sim.Resources{CPU: 2 * time.Second, RSS: 30}},
	}
	if sum, err := all.Resources(); !errors.Is(err, broken) || sum.CPU != 3*time.Second || sum.RSS != 40 {
		t.Errorf("%+v, %v, expected the sum of those with a reading, and why the third has none", sum, err)
	}
	if sum, err := append(all[:1:1], all[2]).Resources(); err != nil || sum.RSS != 40 {
		t.Errorf("%+v, %v", sum, err)
	}
}
