package fault

import (
	"context"
	"errors"
	"strings"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "kill", Group: "process", Class: sim.TargetProcess, Needs: []sim.Capability{sim.ProcessKill},
		Summary:  "kills processes with SIGKILL: no handler runs, nothing is flushed",
		Evidence: "the status with which the kernel reports each process dead",
		Heals:    "the processes are started again after restart, else when the load ends",
		Example:  "{ kill: inventory, at: 10s, count: 1, restart: 3s }",
		Fields: []sim.Field{
			countField,
			{Name: "restart", Type: "duration", Help: "start them again this long after the kill (default: when the load ends)"},
		},
		Span: untilRestart,
		New: func(c sim.FaultContext) sim.Injection {
			return onProcesses(c, victims(c), func(all []killable) sim.Injection { return &kill{victims: all} })
		},
	})
}

// killable is a process that can be killed and started again.
type killable interface {
	sim.Process
	sim.Killer
}

type kill struct {
	victims []killable
	seen    []string
	err     error
}

func (k *kill) Inject(context.Context) (string, error) {
	for _, v := range k.victims {
		status, err := v.Kill()
		if err != nil {
			k.err = errors.Join(k.err, err)
			continue
		}
		k.seen = append(k.seen, v.Name()+": "+status)
	}
	return strings.Join(k.seen, ", "), k.err
}

func (k *kill) Heal(ctx context.Context) error { return restartAll(ctx, k.victims) }

// restartAll starts those again that are dead.
func restartAll[V sim.Killer](ctx context.Context, victims []V) error {
	var errs []error
	for _, v := range victims {
		errs = append(errs, v.Restart(ctx))
	}
	return errors.Join(errs...)
}

func (k *kill) Evidence() sim.Evidence {
	if k.err != nil || len(k.seen) == 0 {
		return unknown("not every process was seen to die: %v", k.err)
	}
	return evident(map[string]float64{"killed": float64(len(k.seen))}, "reaped %s", strings.Join(k.seen, ", "))
}
