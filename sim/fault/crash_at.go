package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// points are the places of the services' code at which a crash may lose or double
// something.
var points = []string{"before-commit", "after-commit", "before-publish", "after-publish", "after-capture", "after-answer"}

func init() {
	register(sim.FaultKind{
		Name: "crash-at", Group: "process", Class: sim.TargetProcess,
		Needs:    []sim.Capability{sim.ProcessFailpoint, sim.ProcessKill},
		Summary:  "has processes send themselves SIGKILL at a named point of their code",
		Evidence: "the status with which the kernel reports each process dead, after it was armed",
		Heals:    "each process is started again after restart; those that never got to the point are disarmed",
		Example:  "{ crash-at: payment, at: 10s, point: after-capture, nth: 5, restart: 500ms }",
		Fields: []sim.Field{
			{Name: "point", Type: "word", Words: points, Required: true, Help: "where: before or after the commit of a message's effect, " +
				"before or after publishing from the outbox, after the provider's answer, after a downstream answer"},
			{Name: "nth", Type: "count", Help: "at the nth time that it gets there (default: 1 to 5, chosen by the seed)"},
			{Name: "times", Type: "count", Help: "how often each process crashes, one life after another (default: 1)"},
			{Name: "restart", Type: "duration", Help: "start it again this long after the crash (default: at once)"},
			countField,
		},
		Span: func(sim.FaultSpec) time.Duration { return 0 },
		New: func(c sim.FaultContext) sim.Injection {
			return onProcesses(c, victims(c), func(all []crashable) sim.Injection {
				return &crash{
					victims: all, point: c.Spec.Word("point", ""), nth: c.Spec.Int("nth", 1+c.Rand.IntN(5)),
					times: c.Spec.Int("times", 1), restart: c.Spec.Duration("restart", 0), heal: make(chan struct{}),
				}
			})
		},
	})
}

// crashable is a process that can be told to kill itself, and started again.
type crashable interface {
	killable
	sim.Crasher
}

type crash struct {
	victims []crashable
	point   string
	nth     int
	times   int
	restart time.Duration

	heal    chan struct{}
	once    sync.Once
	running sync.WaitGroup
	mu      sync.Mutex
	seen    []string
	trouble []string
}

// Inject arms the processes and does not wait for their deaths.
func (c *crash) Inject(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.running.Go(func() { <-c.heal; cancel() })
	for _, v := range c.victims {
		c.running.Go(func() { c.crash(ctx, v) })
	}
	return fmt.Sprintf("armed %s to die at %s (nth: %d, times: %d)", names(c.victims), c.point, c.nth, c.times), nil
}

// crash takes one process through its deaths.
func (c *crash) crash(ctx context.Context, v crashable) {
	for i := range c.times {
		if i > 0 {
			clock.Sleep(ctx, c.restart)
		}
		status, err := v.CrashAt(ctx, c.point, c.nth)
		if ctx.Err() != nil && err != nil {
			return // healed before the process got there
		}
		c.note(&c.seen, v.Name()+": "+status, err)
		if err != nil {
			return
		}
	}
	clock.Sleep(ctx, c.restart)
	if err := v.Restart(context.WithoutCancel(ctx)); err != nil {
		c.note(nil, "", err)
	}
}

func (c *crash) note(where *[]string, what string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.trouble = append(c.trouble, err.Error())
		return
	}
	*where = append(*where, what)
}

func (c *crash) deaths() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

func (c *crash) Heal(ctx context.Context) error {
	c.once.Do(func() { close(c.heal) })
	c.running.Wait()
	return restartAll(ctx, c.victims)
}

func (c *crash) Evidence() sim.Evidence {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) == 0 || len(c.trouble) > 0 {
		return unknown("%d crashes were seen at %s: %s", len(c.seen), c.point, strings.Join(c.trouble, "; "))
	}
	first := c.seen
	if len(first) > 3 {
		first = append(first[:3:3], "...")
	}
	return evident(map[string]float64{"crashed": float64(len(c.seen))},
		"%d of %d deaths at %s: %s", len(c.seen), c.times*len(c.victims), c.point, strings.Join(first, ", "))
}
