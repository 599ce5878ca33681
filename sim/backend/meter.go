package backend

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"squall/sim"
	"squall/sim/clock"
)

// meter keeps the latest of what a container has used. It listens to the
// engine's stream, which brings a reading a second: asking for a single one
// takes the engine about a second each time.
type meter struct {
	id   string
	mu   sync.Mutex
	last sim.Resources
	err  error
	stop context.CancelFunc
}

// Resources returns the latest reading; the first call begins to listen.
func (m *meter) Resources() (sim.Resources, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		m.stop, m.err = stop, errors.New("no reading yet")
		go m.listen(ctx)
	}
	return m.last, m.err
}

func (m *meter) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stop != nil {
		m.stop()
	}
}

// listen reads the stream until ctx ends, and opens it again when the container
// was started again.
func (m *meter) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := m.read(ctx)
		m.mu.Lock()
		m.err = err
		m.mu.Unlock()
		clock.Sleep(ctx, time.Second)
	}
}

func (m *meter) read(ctx context.Context) error {
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	stats, err := c.ContainerStats(ctx, m.id, client.ContainerStatsOptions{Stream: true})
	if err != nil {
		return err
	}
	defer stats.Body.Close()
	for readings := json.NewDecoder(stats.Body); ; {
		var r container.StatsResponse
		if err := readings.Decode(&r); err != nil {
			return err
		}
		m.mu.Lock()
		m.last = sim.Resources{CPU: time.Duration(r.CPUStats.CPUUsage.TotalUsage), RSS: int64(r.MemoryStats.Usage)}
		m.err = nil
		m.mu.Unlock()
	}
}

// meters is several servers taken together.
type meters []*meter

// Resources adds up what there is a reading of.
func (m meters) Resources() (sum sim.Resources, err error) {
	for _, one := range m {
		r, e := one.Resources()
		if e != nil {
			err = e
			continue
		}
		sum.CPU += r.CPU
		sum.RSS += r.RSS
	}
	return sum, err
}
