package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"squall/sim"
	"squall/sim/clock"
	"squall/sim/record"
)

// trial is one trial under way.
type trial struct {
	dir      record.RunDir
	info     sim.RunInfo
	schedule *sim.Schedule
	deps     Dependencies

	history *record.History
	*Deployment
	live    sim.Live
	counts  sim.Counters
	backlog atomic.Int64
	audited atomic.Int64 // final records
	start   int64

	stopProbing func()
	meters      meters // one goroutine at a time uses them

	mu       sync.Mutex
	progress sim.Progress
	inForce  []string
	held     map[string]int      // by server: faults that hold it
	released map[string]int64    // by server: when the last of them was healed, CLOCK_MONOTONIC, ns
	seen     map[[2]string]int64 // events by service and kind
	fatal    error               // a server died, or the history cannot be written: the trial cannot go on
	abort    context.CancelFunc
}

// runTrial carries out one trial; see Run.
func runTrial(ctx context.Context, t *trial) (err error) {
	name := t.progress.Trial.Name
	if err := os.MkdirAll(filepath.Join(t.dir.Trial(name), "logs"), 0o755); err != nil {
		return err
	}
	if t.history, err = record.CreateHistory(t.dir.History(name)); err != nil {
		return err
	}
	defer func() {
		t.write(sim.Event{Kind: sim.TrialEnd})
		if closed := t.history.Close(); err == nil {
			err = closed // else it is the consequence, or the cause that is told already
		}
	}()
	data := DataDir(t.dir.Trial(name))
	defer func() { _ = os.RemoveAll(data) }() // the reaper removes what is left of it

	ctx, t.abort = context.WithCancel(ctx)
	defer t.abort()
	defer t.step("done")
	t.seen, t.held, t.released = map[[2]string]int64{}, map[string]int{}, map[string]int64{}
	t.meters = meters{write: t.write, excused: t.meterExcused, missed: map[string]int{}}
	t.stopProbing = func() {}
	t.step("start")
	t.Deployment, err = Deploy(ctx, DeployConfig{
		Dependencies: t.deps, Scenario: t.info.Scenario, Variant: t.progress.Trial.Variant, Name: name, Data: data,
		Log: func(p string) string { return t.dir.Log(name, p) }, Write: t.hear, Died: t.died,
	})
	defer t.teardown() // also after a failed start
	defer func() { t.stopProbing() }()
	if err != nil {
		return t.cause(err)
	}
	stopped, err := t.drive(ctx)
	if err == nil {
		err = t.drain(ctx)
	}
	t.meters.close()
	if err != nil {
		t.write(sim.Event{Kind: sim.TrialInterrupted, Detail: t.cause(err).Error()})
		return t.cause(err)
	}
	t.stopProbing()
	t.step("audit")
	if err := t.cause(t.audit(ctx)); err != nil {
		return err
	}
	return stopped
}

// teardown ends the deployment.
func (t *trial) teardown() {
	t.step("stop")
	if err := t.Deployment.Close(); err != nil {
		t.write(sim.Event{Kind: sim.ServersCloseFailed, Detail: err.Error()})
	}
}

// cause prefers the reason why the trial was ended to its consequences.
func (t *trial) cause(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil && t.fatal != nil {
		return t.fatal
	}
	return err
}

// died ends the trial because a server is gone, or the disk is full.
func (t *trial) died(err error) {
	t.mu.Lock()
	if t.fatal == nil {
		t.fatal = err
	}
	t.mu.Unlock()
	t.abort()
}

// hear takes an event of the system's processes.
func (t *trial) hear(e sim.Event) {
	switch e.Kind {
	case sim.OrderDelivered, sim.OrderCancelled:
		t.counts.Completed.Add(1)
	case sim.ProcessDied:
		t.tell(e.Src + " died: " + firstLine(e.Detail))
	}
	t.mu.Lock()
	t.seen[[2]string{serviceOf(e.Src), e.Kind}]++
	t.seen[[2]string{"", e.Kind}]++
	t.mu.Unlock()
	t.write(e)
}

// seenBy counts the events of a kind that a service's processes have written, or
// those of all services where service is "".
func (t *trial) seenBy(service, kind string) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen[[2]string{service, kind}]
}

// write puts an event into the history. A history that cannot be written ends
// the trial: nothing that came after could be judged.
func (t *trial) write(e sim.Event) {
	if e.At == 0 {
		e.At = clock.Now()
	}
	if e.Src == "" {
		e.Src = "harness"
	}
	t.live.Add(e)
	if err := t.history.Write(e); err != nil && t.abort != nil {
		t.died(fmt.Errorf("the history cannot be written any more: %w", err))
	}
}

func (t *trial) step(step string) {
	t.mu.Lock()
	t.progress.Step, t.progress.Note = step, ""
	t.mu.Unlock()
	t.tell("")
}

// tell reports the present moment, with a note when there is one.
func (t *trial) tell(note string) {
	t.mu.Lock()
	p, start := t.progress, t.start
	p.Faults = slices.Clone(t.inForce)
	t.mu.Unlock()
	p.Note = note
	p.Counts = t.counts.Read()
	p.Backlog, p.Audited = float64(t.backlog.Load()), int(t.audited.Load())
	if start > 0 {
		p.AcceptP99 = t.live.AcceptP99(clock.Now() - int64(time.Second))
		p.Elapsed = min(max(0, time.Duration(clock.Now()-start)), p.Total)
		if i := t.info.Scenario.Load.PhaseAt(time.Duration(clock.Now() - start)); i >= 0 {
			p.Phase = t.info.Scenario.Load.Phases[i].Name
		}
	}
	if t.deps.Progress != nil {
		t.deps.Progress(p)
	}
}
