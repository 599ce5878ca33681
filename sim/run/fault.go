package run

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

const (
	// prepareTime is how long before its time a fault begins to prepare.
	prepareTime = time.Second
	// healTime bounds a heal; it is not cut short by the end of the trial.
	healTime = 45 * time.Second
)

// runFault takes one fault through its course: prepare, inject when due, heal
// after its span or when the load is over, then ask for the evidence.
func (t *trial) runFault(ctx context.Context, i int) {
	spec, number := t.info.Scenario.Faults[i], i+1
	injection, err := t.NewInjection(spec, rand.New(rand.NewPCG(t.info.Scenario.Seed, uint64(1000+i))), t.seenBy)
	if err != nil {
		t.write(sim.Event{Kind: sim.FaultNone, Fault: number, Detail: err.Error()})
		return
	}
	due := t.start + int64(spec.At)
	if p, ok := injection.(sim.Preparer); ok && clock.SleepUntil(ctx, due-int64(prepareTime)) == nil {
		if err := p.Prepare(ctx); err != nil && ctx.Err() == nil {
			t.write(sim.Event{Kind: sim.FaultFailed, Fault: number, Detail: "prepare: " + err.Error()})
		}
	}
	if clock.SleepUntil(ctx, due) != nil {
		t.write(sim.Event{Kind: sim.FaultFailed, Fault: number, Detail: "the load ended before it was due"})
		if _, prepared := injection.(sim.Preparer); prepared {
			t.undo(injection, number)
		}
		return
	}
	server := t.serverOf(spec)
	t.hold(server, true)
	t.force(spec, true)
	begun := clock.Now()
	done, err := injection.Inject(ctx)
	if err != nil {
		t.write(sim.Event{Kind: sim.FaultFailed, Fault: number, Detail: "inject: " + err.Error()})
	}
	t.write(sim.Event{Kind: sim.FaultInjected, Fault: number, Planned: due, Sent: begun, Detail: done})
	t.tell(fmt.Sprintf("%s %s: %s", spec.Kind, spec.Target, done))

	end := t.start + int64(t.info.Scenario.Load.Duration())
	if span := t.deps.Faults[spec.Kind].Span(spec); span > 0 {
		end = due + int64(span)
	}
	clock.SleepUntil(ctx, end)
	begun = clock.Now()
	t.undo(injection, number)
	t.write(sim.Event{Kind: sim.FaultHealed, Fault: number, Planned: min(end, begun), Sent: begun})
	ev := injection.Evidence()
	t.write(sim.Event{Kind: sim.FaultEvidence, Fault: number, Verdict: ev.Verdict, Detail: ev.Text, Values: ev.Values})
	t.hold(server, false)
	t.force(spec, false)
	t.tell(fmt.Sprintf("%s %s healed; evidence: %s", spec.Kind, spec.Target, ev.Text))
}

// serverOf returns the server that a fault takes hold of, "" for none.
func (t *trial) serverOf(spec sim.FaultSpec) string {
	target, err := t.deps.Faults[spec.Kind].Resolve(spec.Target, t.System)
	if err != nil { // there would be no injection of it
		return ""
	}
	return target.Server
}

// undo heals a fault, whatever has become of the trial.
func (t *trial) undo(injection sim.Injection, number int) {
	ctx, cancel := context.WithTimeout(context.Background(), healTime)
	defer cancel()
	if err := injection.Heal(ctx); err != nil {
		t.write(sim.Event{Kind: sim.FaultFailed, Fault: number, Detail: "heal: " + err.Error()})
	}
}

// force keeps the list of the faults in force.
func (t *trial) force(spec sim.FaultSpec, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name := spec.Kind + " " + spec.Target
	if on {
		t.inForce = append(t.inForce, name)
	} else if i := slices.Index(t.inForce, name); i >= 0 {
		t.inForce = slices.Delete(t.inForce, i, i+1)
	}
}
