package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// storm runs the load and the faults on one clock, and heals every fault
// before it returns. Its error means that the trial cannot go on.
func (t *trial) storm(ctx context.Context) error {
	sc := t.info.Scenario
	t.mu.Lock()
	t.start = Now() + int64(50*time.Millisecond)
	t.mu.Unlock()
	begin := Event{At: t.start, Kind: TrialStart, Detail: t.progress.Trial.Variant}
	sc.Probes.settings(sc.Seed, &begin)
	t.write(begin)
	t.step("load")

	sampling, stopSampling := context.WithCancel(ctx)
	var sampler sync.WaitGroup
	sampler.Go(func() { t.sample(sampling) })
	sampler.Go(func() { t.announce(sampling, sc) })
	defer sampler.Wait()
	defer stopSampling()

	// Faults hear of the end of the load by this context, and heal.
	loading, loadOver := context.WithCancel(ctx)
	var faults sync.WaitGroup
	for i := range sc.Faults {
		faults.Go(func() { t.inflict(loading, i) })
	}
	offer := t.probe(ctx)
	fidelity, err := t.parts.Attack(ctx, Attack{
		Start: t.start, Schedule: t.schedule, Seed: sc.Seed, Timeout: sc.Load.Timeout,
		Targets: t.ingress, Write: func(e Event) { t.write(e); offer(e) }, Counted: &t.counts,
	})
	t.write(Event{Kind: LoadReport, Values: map[string]float64{
		"planned": float64(fidelity.Planned), "sent": float64(fidelity.Sent), "unsent": float64(fidelity.Unsent),
		"late": float64(fidelity.Late), "late_p50_ms": fidelity.LateP50MS, "late_p99_ms": fidelity.LateP99MS, "late_max_ms": fidelity.LateMaxMS,
	}})
	if err == nil {
		err = SleepUntil(ctx, t.start+int64(sc.Load.Duration()))
	}
	t.write(Event{Kind: LoadEnd})
	loadOver()
	faults.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return nil
}

// announce writes the beginning of each phase and keeps the progress moving.
func (t *trial) announce(ctx context.Context, sc Scenario) {
	at := t.start
	next := 0
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		for next < len(sc.Load.Phases) && Now() >= at {
			t.write(Event{At: at, Kind: PhaseStart, Phase: sc.Load.Phases[next].Name})
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

// inflict takes one fault through its course: inject when due, heal after its
// span or when the load is over, then ask for the evidence.
func (t *trial) inflict(ctx context.Context, i int) {
	spec, number := t.info.Scenario.Faults[i], i+1
	kind := t.parts.Faults[spec.Kind]
	services, links, err := kind.Resolve(spec.Target, t.system)
	if err != nil {
		t.write(Event{Kind: FaultNone, Fault: number, Detail: err.Error()})
		return
	}
	fc := FaultContext{Spec: spec, Rand: rand.New(rand.NewPCG(t.info.Scenario.Seed, uint64(1000+i)))}
	for _, c := range t.children {
		if slices.Contains(services, c.Service()) {
			fc.Processes = append(fc.Processes, c)
		}
	}
	for _, l := range links {
		fc.Proxies = append(fc.Proxies, t.links[l.Name()])
	}
	if kind.Class == TargetServer {
		fc.Server = t.servers.ByName[spec.Target]
	}
	injection := kind.New(fc)
	due := t.start + int64(spec.At)
	if SleepUntil(ctx, due) != nil {
		t.write(Event{Kind: FaultFailed, Fault: number, Detail: "the load ended before it was due"})
		return
	}
	t.force(spec, true)
	done, err := injection.Inject(ctx)
	if err != nil {
		t.write(Event{Kind: FaultFailed, Fault: number, Detail: "inject: " + err.Error()})
	}
	t.write(Event{Kind: FaultInjected, Fault: number, Planned: due, Detail: done})
	t.tell(fmt.Sprintf("%s %s: %s", spec.Kind, spec.Target, done))

	end := t.start + int64(t.info.Scenario.Load.Duration())
	if span := kind.Span(spec); span > 0 {
		end = due + int64(span)
	}
	SleepUntil(ctx, end)
	t.heal(injection, spec, number, end)
}

// healTime bounds a heal; it is not cut short by the end of the trial.
const healTime = 30 * time.Second

func (t *trial) heal(injection Injection, spec FaultSpec, number int, due int64) {
	ctx, cancel := context.WithTimeout(context.Background(), healTime)
	defer cancel()
	if err := injection.Heal(ctx); err != nil {
		t.write(Event{Kind: FaultFailed, Fault: number, Detail: "heal: " + err.Error()})
	}
	t.write(Event{Kind: FaultHealed, Fault: number, Planned: due})
	ev := injection.Evidence()
	t.write(Event{Kind: FaultEvidence, Fault: number, Verdict: ev.Verdict, Detail: ev.Text, Values: ev.Values})
	t.force(spec, false)
	t.tell(fmt.Sprintf("%s %s healed; evidence: %s", spec.Kind, spec.Target, ev.Text))
}

// force keeps the list of the faults in force.
func (t *trial) force(spec FaultSpec, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name := spec.Kind + " " + spec.Target
	if on {
		t.inForce = append(t.inForce, name)
	} else if i := slices.Index(t.inForce, name); i >= 0 {
		t.inForce = slices.Delete(t.inForce, i, i+1)
	}
}
