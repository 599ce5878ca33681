package run

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
	"squall/sim/record"
)

// drive runs the load and the faults on one clock, and heals every fault
// before it returns. stopped says that a condition of the scenario ended it
// early: the trial still drains and is audited. err means that the trial cannot
// go on.
func (t *trial) drive(ctx context.Context) (stopped, err error) {
	sc := t.info.Scenario
	t.mu.Lock()
	t.start = clock.Now() + int64(50*time.Millisecond)
	t.mu.Unlock()
	begin := sim.Event{At: t.start, Kind: sim.TrialStart, Detail: t.progress.Trial.Variant}
	record.ProbeSettings(sc.Probes, sc.Seed, &begin)
	t.write(begin)
	t.step("load")

	// Both hear of the end of the load, and of a condition that ends it early.
	loading, loadOver := context.WithCancelCause(ctx)
	defer loadOver(nil)
	sampling, stopSampling := context.WithCancel(ctx)
	var sampler sync.WaitGroup
	sampler.Go(func() { t.sample(sampling) })
	sampler.Go(func() { t.announce(sampling, sc) })
	sampler.Go(func() { t.watchConditions(sampling, sc, loadOver) })
	defer sampler.Wait()
	defer stopSampling()

	var faults sync.WaitGroup
	for i := range sc.Faults {
		faults.Go(func() { t.runFault(loading, i) })
	}
	offer := t.probe(ctx)
	fidelity, err := t.deps.Attack(loading, sim.Attack{
		Start: t.start, Schedule: t.schedule, Seed: sc.Seed, Timeout: sc.Load.Timeout,
		Targets: t.Ingress, Write: func(e sim.Event) { t.write(e); offer(e) }, Counted: &t.counts,
	})
	t.write(sim.Event{Kind: sim.LoadReport, Values: map[string]float64{
		"planned": float64(fidelity.Planned), "sent": float64(fidelity.Sent), "unsent": float64(fidelity.Unsent),
		"late": float64(fidelity.Late), "late_p50_ms": fidelity.LateP50MS, "late_p99_ms": fidelity.LateP99MS, "late_max_ms": fidelity.LateMaxMS,
	}})
	if err == nil {
		clock.SleepUntil(loading, t.start+int64(sc.Load.Duration()))
	}
	t.write(sim.Event{Kind: sim.LoadEnd})
	loadOver(errLoadOver)
	faults.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if cause := context.Cause(loading); errors.Is(cause, ErrStopped) {
		stopped = cause
	}
	return stopped, nil
}

var errLoadOver = errors.New("the load is over")

// announce writes the beginning of each phase and keeps the progress moving.
func (t *trial) announce(ctx context.Context, sc sim.Scenario) {
	at := t.start
	next := 0
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		for next < len(sc.Load.Phases) && clock.Now() >= at {
			t.write(sim.Event{At: at, Kind: sim.PhaseStart, Phase: sc.Load.Phases[next].Name})
			at += int64(sc.Load.Phases[next].For)
			next++
		}
		t.tell("")
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
