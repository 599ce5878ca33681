package run

import (
	"context"
	"errors"
	"fmt"

	"squall/sim"
	"squall/sim/record"
)

// ErrInterrupted says that the run was ended from outside. What was recorded
// until then is kept.
var ErrInterrupted = errors.New("interrupted")

// Run carries out the trials of a planned run, in order, into its directory:
//
//  1. The plan is made before: the scenario is parsed and resolved, all
//     arrivals are computed, and what a system cannot express was refused.
//  2. For each trial the backing creates a namespace: a schema, virtual host or stream.
//  3. The links are opened: every edge between processes, to the broker and to
//     the database goes through a proxy.
//  4. The processes are started with the links' addresses, and become ready.
//  5. Load and faults go off one clock. All that happens is written to the
//     history as it happens.
//  6. Every fault is healed and every paused process resumed, whatever went
//     wrong before; then the system drains to quiescence or to the deadline.
//  7. The audit reads the final records over direct addresses.
//  8. Everything is stopped; the logs stay.
//
// Measuring and judging are no part of it: they read the files (sim/measure,
// sim/check). Run returns an error when squall itself, a server or a process
// that should have come up failed, ErrInterrupted when ctx ended, and ErrStopped
// when a condition of the scenario ended it; a system that misbehaves under test
// is no error.
func Run(ctx context.Context, dir record.RunDir, info sim.RunInfo, schedule *sim.Schedule, parts Dependencies) error {
	for i, t := range info.Trials {
		progress := sim.Progress{Trial: t, TrialIndex: i, Trials: len(info.Trials), Step: "start", Total: info.Scenario.Load.Duration()}
		t := &trial{dir: dir, info: info, schedule: schedule, deps: parts, progress: progress, live: parts.Live()}
		err := runTrial(ctx, t)
		if ctx.Err() != nil {
			return errors.Join(ErrInterrupted, err)
		}
		if errors.Is(err, ErrStopped) {
			return err
		}
		if err != nil {
			return fmt.Errorf("trial %s: %w", progress.Trial.Name, err)
		}
	}
	return nil
}
