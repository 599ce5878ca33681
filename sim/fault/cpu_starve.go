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
		Name: "cpu-starve", Group: "process", Class: sim.TargetProcess,
		Needs: []sim.Capability{sim.ProcessPause, sim.ProcessMeter},
		Summary: "lets processes run only for a share of the time: they are stopped and resumed many times a second, " +
			"as under a CPU limit that is used up",
		Evidence: "how often the kernel showed each process stopped, of many looks at random moments",
		Heals:    "SIGCONT",
		Example:  "{ cpu-starve: inventory, at: 10s, for: 5s, percentage: 10%, count: 2 }",
		Fields: []sim.Field{
			{Name: "percentage", Type: "share", Help: "of the time that they may run (default: 10%)"},
			countField,
		},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			return onProcesses(c, victims(c), func(all []pausable) sim.Injection {
				s := &cpuStarve{share: c.Spec.Float("percentage", 0.1), chance: c.Rand.Float64}
				for _, v := range all {
					s.victims = append(s.victims, &starved{pausable: v})
				}
				return s
			})
		},
	})
}

// starvePeriod is the time in which a process gets its share once.
const starvePeriod = 50 * time.Millisecond

type cpuStarve struct {
	share    float64
	victims  []*starved
	chance   func() float64
	stop     context.CancelFunc
	starving sync.WaitGroup
	trouble  trouble
}

// starved is one process and what was seen of it.
type starved struct {
	pausable
	looks, stopped int
}

func (s *cpuStarve) Inject(ctx context.Context) (string, error) {
	ctx, s.stop = context.WithCancel(ctx)
	for _, v := range s.victims {
		s.starving.Go(func() { s.starve(ctx, v) })
	}
	s.starving.Go(func() { s.look(ctx) })
	return fmt.Sprintf("%s may run %.0f %% of the time", names(s.victims), s.share*100), nil
}

// starve stops and resumes a process, and leaves it running.
func (s *cpuStarve) starve(ctx context.Context, p sim.Pauser) {
	defer func() { s.trouble.add(p.Resume()) }()
	run := time.Duration(s.share * float64(starvePeriod))
	for ctx.Err() == nil {
		if s.trouble.add(p.Pause()) != nil {
			return
		}
		clock.Sleep(ctx, starvePeriod-run)
		if s.trouble.add(p.Resume()) != nil {
			return
		}
		clock.Sleep(ctx, run)
	}
}

// look reads the state of each process at random moments: at regular ones it
// could always find the process in the same part of its period.
func (s *cpuStarve) look(ctx context.Context) {
	for ctx.Err() == nil {
		for _, v := range s.victims {
			r, err := v.Resources()
			if err != nil {
				continue // the process is gone, which its next pause notes as trouble
			}
			v.looks++
			if r.State == "T" {
				v.stopped++
			}
		}
		clock.Sleep(ctx, time.Duration(float64(20*time.Millisecond)*(0.5+s.chance())))
	}
}

func (s *cpuStarve) Heal(context.Context) error {
	if s.stop != nil {
		s.stop()
	}
	s.starving.Wait()
	return nil
}

func (s *cpuStarve) Evidence() sim.Evidence {
	values := map[string]float64{}
	var texts []string
	held := len(s.victims) > 0
	for _, v := range s.victims {
		share := float64(v.stopped) / float64(max(1, v.looks))
		texts = append(texts, fmt.Sprintf("%s in %d of %d looks", v.Name(), v.stopped, v.looks))
		values[v.Name()+" stopped_share"] = share
		// Half of what was promised is more than any process is stopped by itself.
		held = held && v.looks > 0 && share > 0 && share >= (1-s.share)/2
	}
	if err := s.trouble.seen(); err != nil || !held {
		return unknown("the kernel showed them stopped: %s; %v", strings.Join(texts, ", "), err)
	}
	return evident(values, "the kernel showed them stopped: %s", strings.Join(texts, ", "))
}
