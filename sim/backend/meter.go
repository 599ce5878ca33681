package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"

	"squall/sim"
	"squall/sim/clock"
)

// meter keeps the latest of what a container has used. It listens to the
// engine's stream, which brings a reading a second: asking for a single one
// takes the engine about a second each time.
type meter struct {
	mu      sync.Mutex
	last    sim.Resources
	err     error
	stop    context.CancelFunc
	stopped chan struct{}
}

// listenTo starts a meter that reads a stream until it is closed, and opens the
// stream again when it ends: the container may have been started again.
func listenTo(open func(ctx context.Context) (io.ReadCloser, error)) *meter {
	ctx, stop := context.WithCancel(context.Background())
	m := &meter{err: errors.New("no reading yet"), stop: stop, stopped: make(chan struct{})}
	go func() {
		defer close(m.stopped)
		for ctx.Err() == nil {
			stream, err := open(ctx)
			if err == nil {
				err = m.readUntil(ctx, stream)
			}
			m.mu.Lock()
			m.err = err
			m.mu.Unlock()
			clock.Sleep(ctx, time.Second)
		}
	}()
	return m
}

// readUntil reads a stream to its end, or until ctx ends.
func (m *meter) readUntil(ctx context.Context, stream io.ReadCloser) error {
	defer context.AfterFunc(ctx, func() { stream.Close() })()
	return errors.Join(m.read(stream), stream.Close())
}

// Resources returns the latest reading. The error says why there is none, or why
// none has come since.
func (m *meter) Resources() (sim.Resources, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last, m.err
}

// read keeps each reading of a stream and returns what ended it.
func (m *meter) read(stream io.Reader) error {
	for readings := json.NewDecoder(stream); ; {
		var r container.StatsResponse
		if err := readings.Decode(&r); err != nil {
			return fmt.Errorf("read the use of resources: %w", err)
		}
		m.mu.Lock()
		m.last = sim.Resources{CPU: time.Duration(r.CPUStats.CPUUsage.TotalUsage), RSS: int64(r.MemoryStats.Usage)}
		m.err = nil
		m.mu.Unlock()
	}
}

func (m *meter) close() {
	m.stop()
	<-m.stopped
}

// meters are several containers taken together.
type meters []*meter

// Resources adds up the readings that there are. The error says of which
// containers there is none.
func (m meters) Resources() (sum sim.Resources, err error) {
	for _, one := range m {
		r, e := one.Resources()
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		sum.CPU += r.CPU
		sum.RSS += r.RSS
	}
	return sum, err
}
