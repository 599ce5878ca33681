package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name:     "kill",
		Summary:  "kills processes with SIGKILL: no handler runs, nothing is flushed",
		Class:    sim.TargetProcess,
		Evidence: "the status with which the kernel reports each process dead",
		Heals:    "the processes are started again after restart, else when the load ends",
		Example:  "{ kill: inventory, at: 10s, count: 1, restart: 3s }",
		Fields: []sim.Field{
			countField,
			{Name: "restart", Type: "duration", Help: "start them again this long after the kill (default: when the load ends)"},
		},
		Span: func(f sim.FaultSpec) time.Duration { return f.Duration("restart", 0) },
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

func (k *kill) Heal(ctx context.Context) error {
	var errs []error
	for _, v := range k.victims {
		if err := v.(sim.Killer).Restart(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (k *kill) Evidence() sim.Evidence {
	if k.err != nil || len(k.seen) == 0 {
		return sim.Evidence{Verdict: sim.Unknown, Text: fmt.Sprintf("not every process was seen to die: %v", k.err)}
	}
	return sim.Evidence{
		Verdict: sim.Pass, Text: "reaped " + strings.Join(k.seen, ", "),
		Values: map[string]float64{"killed": float64(len(k.seen))},
	}
}
