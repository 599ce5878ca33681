package fault

import (
	"context"
	"fmt"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

func init() {
	register(sim.FaultKind{
		Name: "crash-loop", Group: "process", Class: sim.TargetProcess, Needs: []sim.Capability{sim.ProcessKill},
		Summary:  "kills processes with SIGKILL again and again: each is started anew, and killed soon after it is ready",
		Evidence: "the status with which the kernel reports each death; at least two of each process",
		Heals:    "the processes are started once more, for good",
		Example:  "{ crash-loop: inventory, at: 10s, for: 5s, every: 500ms, count: 2 }",
		Fields: []sim.Field{
			countField,
			{Name: "every", Type: "duration", Help: "how long each life lasts, from when it is ready (default: 300ms)"},
		},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			return onProcesses(c, victims(c), func(all []killable) sim.Injection {
				return &crashLoop{victims: all, every: c.Spec.Duration("every", 300*time.Millisecond), deaths: map[string]int{}}
			})
		},
	})
}

type crashLoop struct {
	victims []killable
	every   time.Duration
	stop    context.CancelFunc
	looping sync.WaitGroup
	mu      sync.Mutex
	deaths  map[string]int // by process
	status  string         // of the last
	trouble trouble
}

func (c *crashLoop) Inject(ctx context.Context) (string, error) {
	ctx, c.stop = context.WithCancel(ctx)
	for _, v := range c.victims {
		c.looping.Go(func() { c.loop(ctx, v) })
	}
	return fmt.Sprintf("%s are killed every %s", names(c.victims), c.every), nil
}

func (c *crashLoop) loop(ctx context.Context, v killable) {
	for ctx.Err() == nil {
		status, err := v.Kill()
		if c.trouble.add(err) != nil {
			return
		}
		c.mu.Lock()
		c.deaths[v.Name()]++
		c.status = status
		c.mu.Unlock()
		// The end of the fault must not interrupt a restart half way.
		if c.trouble.add(v.Restart(context.WithoutCancel(ctx))) != nil {
			return
		}
		clock.Sleep(ctx, c.every)
	}
}

func (c *crashLoop) Heal(ctx context.Context) error {
	if c.stop != nil {
		c.stop()
	}
	c.looping.Wait()
	return restartAll(ctx, c.victims)
}

func (c *crashLoop) Evidence() sim.Evidence {
	total := 0
	values := map[string]float64{}
	fewest := 2
	for _, v := range c.victims {
		n := c.deaths[v.Name()]
		total += n
		fewest = min(fewest, n)
		values[v.Name()] = float64(n)
	}
	if err := c.trouble.seen(); err != nil || fewest < 2 {
		return unknown("%d deaths of %d processes were seen, expected two of each: %v", total, len(c.victims), err)
	}
	return evident(values, "%d deaths of %s, the last: %s", total, names(c.victims), c.status)
}
