package squall

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"squall/sim"
	"squall/sim/host"
	"squall/sim/load"
	"squall/sim/record"
	"squall/sim/run"
)

// testbed runs many scenarios one after another on the same servers, which are
// started once.
type testbed struct {
	backing sim.Backing
	name    string
	program string
	dir     string
	show    Observer
}

// openTestbed starts a testbed; nodes is how many nodes its broker has.
func openTestbed(ctx context.Context, name string, nodes int, dir string, show Observer) (*testbed, func(), error) {
	program, err := programOr("")
	if err != nil {
		return nil, nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	host.RaisePriority()
	id := "testbed-" + time.Now().UTC().Format("20060102T150405.000Z")
	stopReaper, err := startReaper(program, id, filepath.Join(abs, "*"))
	if err != nil {
		return nil, nil, err
	}
	chosen, err := chooseBacking(ctx, name, id, program, nil, show.Line)
	var b sim.Backing
	if err == nil {
		b, err = chosen.Start(ctx, nodes)
	}
	if err != nil {
		stopReaper()
		return nil, nil, err
	}
	bed := &testbed{backing: b, name: name, program: program, dir: abs, show: show}
	return bed, func() { closeServers(ctx, b); stopReaper() }, nil
}

// run runs a scenario into a directory of its own, with bugs if any are named.
func (b *testbed) run(ctx context.Context, label string, sc Scenario, bugs ...string) (*Result, error) {
	b.show.Line(label + ": " + sc.Summary)
	path := filepath.Join(b.dir, label)
	dir, err := createRunDir(path)
	if err != nil {
		return nil, err
	}
	schedule := load.NewSchedule(sc.Scenario)
	info := describeRun(label, time.Now().UTC(), sc, "", b.backing.Info(), "", schedule)
	for i := range info.Trials {
		// A server's namespace has the trial's name, and a testbed has many trials.
		info.Trials[i].Name = strings.ReplaceAll(label, "-", "") + "-" + info.Trials[i].Name
	}
	if err := record.WriteJSON(dir.RunFile(), info); err != nil {
		return nil, err
	}
	if err := run.Run(ctx, dir, info, schedule, dependencies(b.backing, b.program, nil, bugs...)); err != nil {
		return nil, err
	}
	return conclude(dir, info, nil, path)
}
