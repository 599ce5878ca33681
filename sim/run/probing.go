package run

import (
	"context"

	"squall/sim"
)

// probeRoom is how many chosen orders may wait for their first read.
const probeRoom = 4096

// probe begins to read chosen orders as they are answered; t.stopProbing ends
// it.
func (t *trial) probe(ctx context.Context) (offer func(sim.Event)) {
	p := t.info.Scenario.Probes
	if t.deps.Probe == nil || p.Share == 0 {
		return func(sim.Event) {}
	}
	ctx, cancel := context.WithCancel(ctx)
	answered := make(chan string, probeRoom)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.deps.Probe(ctx, sim.ProbePlan{Targets: t.Ingress, Every: p.Every, Answered: answered, Write: t.write})
	}()
	t.stopProbing = func() { cancel(); <-done }
	return func(e sim.Event) {
		if e.Outcome == sim.OutcomeFail || !p.Chosen(t.info.Scenario.Seed, e.Order) {
			return
		}
		select {
		case answered <- e.Order:
		default: // read too late is worse than not read
		}
	}
}
