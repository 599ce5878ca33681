package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"squall/sim"
	"squall/sim/load"
	"squall/sim/record"
	"squall/sim/run"
)

// testbed runs many scenarios one after another, on one backing: the servers are
// started once.
type testbed struct {
	backend sim.Backend
	name    string
	program string
	dir     string
	show    *display
}

// openTestbed starts a lab; nodes is how many nodes its broker has.
func openTestbed(ctx context.Context, name string, nodes int, dir string, progress io.Writer) (*testbed, func(), error) {
	program, err := self()
	if err != nil {
		return nil, nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	raisePriority()
	id := "lab-" + time.Now().UTC().Format("20060102T150405.000Z")
	stopReaper, err := startReaper(program, id, filepath.Join(abs, "*"))
	if err != nil {
		return nil, nil, err
	}
	show := newDisplay(progress, false)
	chosen, err := chooseBacking(ctx, name, id, program, nil, show.line)
	var b sim.Backend
	if err == nil {
		b, err = chosen.start(ctx, sim.Scenario{Nodes: nodes})
	}
	if err != nil {
		stopReaper()
		return nil, nil, err
	}
	l := &testbed{backend: b, name: name, program: program, dir: abs, show: show}
	return l, func() { b.Close(context.WithoutCancel(ctx)); stopReaper(); show.close() }, nil
}

// run runs a scenario into a directory of its own, with bugs if any are named.
func (l *testbed) run(ctx context.Context, label string, sc loaded, bugs ...string) (*sim.Result, error) {
	l.show.line(label + ": " + sc.scenario.Summary)
	dir, err := record.CreateRunDir(filepath.Join(l.dir, label))
	if err != nil {
		return nil, err
	}
	schedule := load.NewSchedule(sc.scenario)
	info := describeRun(label, time.Now().UTC(), sc, runFlags{}, l.backend.Info(), "", schedule)
	for i := range info.Trials {
		// A backing's room is named after the trial; a lab has many.
		info.Trials[i].Name = strings.ReplaceAll(label, "-", "") + "-" + info.Trials[i].Name
	}
	if err := record.WriteJSON(dir.RunFile(), info); err != nil {
		return nil, err
	}
	if err := run.Run(ctx, dir, info, schedule, parts(l.backend, l.program, nil, bugs...)); err != nil {
		if errors.Is(err, run.ErrInterrupted) {
			return nil, verdictError{sim.Unknown}
		}
		return nil, err
	}
	r, err := judge(dir, info)
	if err != nil {
		return nil, err
	}
	return r, publish(dir, info, r)
}
