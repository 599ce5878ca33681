package fault

import (
	"context"
	"errors"
	"strings"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "kill", Group: "process", Class: sim.TargetProcess,
		Summary:  "kills processes with SIGKILL: no handler runs, nothing is flushed",
		Evidence: "the status with which the kernel reports each process dead",
		Heals:    "the processes are started again after restart, else when the load ends",
		Example:  "{ kill: inventory, at: 10s, count: 1, restart: 3s }",
		Fields: []sim.Field{
			countField,
			{Name: "restart", Type: "duration", Help: "start them again this long after the kill (default: when the load ends)"},
		},
		Span: untilRestart,
		New:  func(c sim.FaultContext) sim.Injection { return &kill{victims: victims(c)} },
	})
}

type kill struct {
	victims []sim.Process
	seen    []string
	err     error
}

func (k *kill) Inject(context.Context) (string, error) {
	for _, v := range k.victims {
		status, err := v.(sim.Killer).Kill()
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
func restartAll(ctx context.Context, victims []sim.Process) error {
	var errs []error
	for _, v := range victims {
		errs = append(errs, v.(sim.Killer).Restart(ctx))
	}
	return errors.Join(errs...)
}

func (k *kill) Evidence() sim.Evidence {
	if k.err != nil || len(k.seen) == 0 {
		return unknown("not every process was seen to die: %v", k.err)
	}
	return evident(map[string]float64{"killed": float64(len(k.seen))}, "reaped %s", strings.Join(k.seen, ", "))
}
