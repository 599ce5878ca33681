package fault

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

func init() {
	register(sim.FaultKind{
		Name: "rolling-restart", Group: "process", Class: sim.TargetProcess, Needs: []sim.Capability{sim.ProcessStop, sim.ProcessKill},
		Summary:  "restarts all replicas of a service, one after another, in an orderly way: as a deployment does",
		Evidence: "each replica was seen to be gone, and to be ready again, before the next was asked to end",
		Heals:    "those that are down are started",
		Example:  "{ rolling-restart: inventory, at: 10s, for: 8s, gap: 500ms }",
		Fields: []sim.Field{
			{Name: "gap", Type: "duration", Help: "between one replica being ready and the next being asked to end (default: 500ms)"},
		},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			return onProcesses(c, c.Processes, func(replicas []stoppable) sim.Injection {
				return &rollingRestart{replicas: replicas, gap: c.Spec.Duration("gap", 500*time.Millisecond)}
			})
		},
	})
}

// stoppable is a process that can be asked to end, and started again.
type stoppable interface {
	killable
	sim.Stopper
}

type rollingRestart struct {
	replicas []stoppable
	gap      time.Duration
	stop     context.CancelFunc
	rolling  sync.WaitGroup
	done     []string
	down     time.Duration // all together
	trouble  trouble
}

func (r *rollingRestart) Inject(ctx context.Context) (string, error) {
	ctx, r.stop = context.WithCancel(ctx)
	r.rolling.Go(func() { r.roll(ctx) })
	return fmt.Sprintf("%s are restarted one after another", names(r.replicas)), nil
}

func (r *rollingRestart) roll(ctx context.Context) {
	for i, v := range r.replicas {
		if i > 0 && clock.Sleep(ctx, r.gap) != nil || ctx.Err() != nil {
			return
		}
		began := time.Now()
		v.Stop(context.WithoutCancel(ctx))
		gone := !v.Alive()
		if r.trouble.add(v.Restart(context.WithoutCancel(ctx))) != nil {
			return
		}
		took := time.Since(began)
		r.down += took
		if gone && v.Alive() {
			r.done = append(r.done, fmt.Sprintf("%s in %s", v.Name(), round(took)))
		}
	}
}

func (r *rollingRestart) Heal(ctx context.Context) error {
	if r.stop != nil {
		r.stop()
	}
	r.rolling.Wait()
	return restartAll(ctx, r.replicas)
}

func (r *rollingRestart) Evidence() sim.Evidence {
	did := strings.Join(r.done, ", ")
	if err := r.trouble.seen(); err != nil || len(r.done) < len(r.replicas) {
		return unknown("%d of %d replicas were restarted in the time: %s; %v", len(r.done), len(r.replicas), did, err)
	}
	return evident(map[string]float64{"restarted": float64(len(r.done)), "down_ms": r.down.Seconds() * 1e3}, "restarted %s", did)
}
