package run

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

const (
	sampleEvery = time.Second
	statusTime  = 2 * time.Second
	drainEvery  = 250 * time.Millisecond
	// drainCalm is how many readings in a row must find nothing left: between
	// a queue and a consumer a message is for a moment in neither count.
	drainCalm = 4
)

// direct talks to processes around the links.
var direct = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, Proxy: nil}}

// status is the body of a process's GET /status.
type status struct {
	Shared map[string]float64 `json:"shared"`
	Local  map[string]float64 `json:"local"`
}

func readStatus(ctx context.Context, addr string) (s status, err error) {
	ctx, cancel := context.WithTimeout(ctx, statusTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/status", nil)
	if err != nil {
		return s, err
	}
	resp, err := direct.Do(req)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return s, err
	}
	if resp.StatusCode != http.StatusOK {
		return s, fmt.Errorf("status %d: %.200s", resp.StatusCode, body)
	}
	return s, json.Unmarshal(body, &s)
}

// gauges asks all processes and adds up: shared gauges once per service,
// local ones of every replica. all is false when a process did not answer.
func (t *trial) gauges(ctx context.Context) (values map[string]float64, all bool) {
	type answer struct {
		service string
		status
		err error
	}
	answers := make([]answer, len(t.Children))
	var wg sync.WaitGroup
	for i, c := range t.Children {
		if !c.Alive() {
			continue // it holds nothing; the dead are told of elsewhere
		}
		wg.Go(func() {
			s, err := readStatus(ctx, c.Addr())
			answers[i] = answer{c.Service(), s, err}
		})
	}
	wg.Wait()
	values, all = map[string]float64{}, true
	shared := map[string]map[string]float64{}
	for _, a := range answers {
		if a.err != nil {
			all = false
			continue
		}
		if a.service == "" {
			continue
		}
		if shared[a.service] == nil {
			shared[a.service] = map[string]float64{}
		}
		for k, v := range a.Shared {
			shared[a.service][k] = max(shared[a.service][k], v)
		}
		for k, v := range a.Local {
			values[k] += v
		}
	}
	for service, gauges := range shared {
		for k, v := range gauges {
			if k == "queue" {
				k = "queue." + service
			}
			values[k] += v
		}
	}
	return values, all
}

func backlogOf(values map[string]float64) (sum float64) {
	for k, v := range values {
		if k != sim.GaugeParked {
			sum += v
		}
	}
	return sum
}

// sample writes gauges and resources once a second until ctx ends.
func (t *trial) sample(ctx context.Context) {
	for n := max(0, (clock.Now()-t.start)/int64(sampleEvery)); ; n++ {
		values, _ := t.gauges(ctx)
		if ctx.Err() == nil {
			t.backlog.Store(int64(backlogOf(values)))
			t.write(sim.Event{Kind: sim.Gauges, Values: values})
		}
		for _, c := range t.Children {
			t.meters.read(c.Name(), c)
		}
		for name, s := range t.Servers.ByName {
			if s.Meter != nil {
				t.meters.read(name, s.Meter)
			}
		}
		if clock.SleepUntil(ctx, t.start+(n+1)*int64(sampleEvery)) != nil {
			return
		}
	}
}

// drain waits until nothing is on its way any more, or for the deadline.
func (t *trial) drain(ctx context.Context) error {
	t.step("drain")
	sampling, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { t.sample(sampling) })
	defer wg.Wait()
	defer stop()
	deadline := clock.Now() + int64(t.info.Scenario.Drain)
	calm := 0
	for {
		values, all := t.gauges(ctx)
		left := backlogOf(values)
		t.backlog.Store(int64(left))
		t.tell("")
		if all && left == 0 {
			calm++
		} else {
			calm = 0
		}
		if calm == drainCalm {
			t.write(sim.Event{Kind: sim.DrainDone, Values: values})
			return nil
		}
		if clock.Now() > deadline {
			t.write(sim.Event{Kind: sim.DrainDeadline, Values: values})
			return nil
		}
		if err := clock.Sleep(ctx, drainEvery); err != nil {
			return fmt.Errorf("drain: %w", err)
		}
	}
}
