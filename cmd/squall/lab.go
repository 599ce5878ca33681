package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"squall/cmd/squall/internal/live"
	"squall/sim"
)

// lab runs many scenarios one after another, on one backing: the servers are
// started once.
type lab struct {
	backing sim.Backing
	name    string
	program string
	dir     string
	show    *live.Display
}

// openLab starts a lab; nodes is how many nodes its broker has.
func openLab(ctx context.Context, name string, nodes int, dir string, progress io.Writer) (*lab, func(), error) {
	program, err := self()
	if err != nil {
		return nil, nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	goFirst()
	id := "lab-" + time.Now().UTC().Format("20060102T150405.000Z")
	stopReaper, err := startReaper(program, id, filepath.Join(abs, "*"))
	if err != nil {
		return nil, nil, err
	}
	show := live.New(progress, false)
	chosen, err := chooseBacking(ctx, name, id, program, nil, show.Line)
	var b sim.Backing
	if err == nil {
		b, err = chosen.start(ctx, sim.Scenario{Nodes: nodes})
	}
	if err != nil {
		stopReaper()
		return nil, nil, err
	}
	l := &lab{backing: b, name: name, program: program, dir: abs, show: show}
	return l, func() { b.Close(context.WithoutCancel(ctx)); stopReaper(); show.Close() }, nil
}

// run runs a scenario into a directory of its own, with bugs if any are named.
func (l *lab) run(ctx context.Context, label string, sc loaded, bugs ...string) (*sim.Result, error) {
	l.show.Line(label + ": " + sc.scenario.Summary)
	dir, err := sim.CreateRunDir(filepath.Join(l.dir, label))
	if err != nil {
		return nil, err
	}
	schedule := sim.NewSchedule(sc.scenario)
	info := describeRun(label, time.Now().UTC(), sc, runFlags{}, l.backing.Info(), "", schedule)
	for i := range info.Trials {
		// A backing's room is named after the trial; a lab has many.
		info.Trials[i].Name = strings.ReplaceAll(label, "-", "") + "-" + info.Trials[i].Name
	}
	if err := sim.WriteJSON(dir.RunFile(), info); err != nil {
		return nil, err
	}
	if err := sim.Run(ctx, dir, info, schedule, parts(l.backing, l.program, nil, bugs...)); err != nil {
		if errors.Is(err, sim.ErrInterrupted) {
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
