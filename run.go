package squall

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"squall/scenarios"
	"squall/sim"
	"squall/sim/backend"
	"squall/sim/host"
	"squall/sim/load"
	"squall/sim/record"
	"squall/sim/run"
)

// Options say how a scenario is run. The zero value is what squall run does
// without flags.
type Options struct {
	// Dir is the run directory; "" makes one named after the moment and the
	// scenario in the folder runs. It must not be there yet.
	Dir string
	// Backing says which servers serve: "auto" (or ""), "container", "embedded",
	// or one broker and one database, such as "rabbitmq,sqlite".
	Backing string
	// Images are container images by server ("broker", "database"); one that is
	// not named is chosen.
	Images map[string]string
	// System is another program for the pipeline's processes, started as PROGRAM
	// service; "" takes Program.
	System string
	// Program is the squall program that child processes are started from: the
	// embedded broker, the reaper and, unless System names another, the pipeline.
	// "" is the program that runs now.
	Program string
	// Observer hears of the run as it goes; it may be nil.
	Observer Observer
}

// Result is what a run found, with where it is kept.
type Result struct {
	*sim.Result
	Info sim.RunInfo
	Dir  string // the run directory, as it was asked for
}

// Report is the path of the run's HTML report.
func (r *Result) Report() string { return record.RunDir(r.Dir).ReportFile() }

// Run runs a scenario, judges what was recorded, and writes result.json,
// report.html and summary.md into the run directory. A system that fails under
// test is no error: the result's verdict says so. An interrupted run is judged,
// too, and its verdict is never pass. An error means that squall itself or a
// server failed, or (UsageError) that the scenario cannot be run as it was asked
// for; whatever was recorded until then stays in the run directory.
func Run(ctx context.Context, sc Scenario, o Options) (*Result, error) {
	program, err := programOr(o.Program)
	if err != nil {
		return nil, err
	}
	started := time.Now().UTC()
	id := started.Format("20060102T150405.000Z") + "-" + sc.Name
	if o.Dir == "" {
		o.Dir = filepath.Join("runs", strings.Replace(id, ".", "", 1))
	}
	host.RaisePriority()
	show := observer(o.Observer)
	chosen, err := chooseBacking(ctx, o.Backing, id, program, o.Images, show.Line)
	if err == nil {
		err = errors.Join(refuse(chosen, sc.Scenario), enoughFiles(sc.Scenario))
	}
	if err != nil {
		return nil, err
	}
	dir, b, done, err := openRun(ctx, id, program, o.Dir, chosen, sc.Scenario)
	if err != nil {
		return nil, err
	}
	defer done()
	schedule := load.NewSchedule(sc.Scenario)
	info := describeRun(id, started, sc, o.System, b.Info(), chosen.Reason, schedule)
	if err := record.WriteJSON(dir.RunFile(), info); err != nil {
		return nil, err
	}
	show.Line(servedBy(info.Backing))
	for _, u := range scenarios.LeftOut(sc.Scenario, Catalog().Variants) {
		show.Line(fmt.Sprintf("not judged, as %s is not run: %s", strings.Join(u.Missing, ", "), u.Text))
	}
	early := run.Run(ctx, dir, info, schedule, dependencies(b, cmp.Or(o.System, program), show.Progress))
	if early != nil && !errors.Is(early, run.ErrInterrupted) && !errors.Is(early, run.ErrStopped) {
		return nil, fmt.Errorf("%w\nwhat was recorded is in %s", early, o.Dir)
	}
	show.Busy("judging what was recorded")
	return conclude(dir, info, early, o.Dir)
}

// openRun makes the run directory and starts the servers. Nothing is left of
// either after an error.
func openRun(ctx context.Context, id, program, path string, chosen backend.Choice, sc sim.Scenario) (
	dir record.RunDir, b sim.Backing, done func(), err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", nil, nil, err
	}
	if dir, err = createRunDir(abs); err != nil {
		return "", nil, nil, err
	}
	stopReaper, err := startReaper(program, id, abs)
	if err != nil {
		discard(abs)
		return "", nil, nil, err
	}
	if b, err = chosen.Start(ctx, sc.Nodes); err != nil {
		stopReaper()
		discard(abs)
		if ctx.Err() != nil {
			err = fmt.Errorf("%w before anything was started", run.ErrInterrupted)
		}
		return "", nil, nil, err
	}
	return dir, b, func() { closeServers(ctx, b); stopReaper() }, nil
}

// createRunDir makes a run directory. That it cannot be made is for the caller to
// mend.
func createRunDir(path string) (record.RunDir, error) {
	dir, err := record.CreateRunDir(path)
	if err != nil {
		return "", usage(fmt.Errorf("%w; name another folder with --out", err))
	}
	return dir, nil
}

// closeServers ends the servers, also when ctx has ended. What could not be removed
// is left to the reaper and to squall clean: the run has its result.
func closeServers(ctx context.Context, b sim.Backing) { _ = b.Close(context.WithoutCancel(ctx)) }

// conclude judges what was recorded and writes it. early is why the run ended
// before its time, nil if it did not.
func conclude(dir record.RunDir, info sim.RunInfo, early error, path string) (*Result, error) {
	r, err := judge(dir, info)
	if err != nil {
		return nil, err
	}
	if early != nil {
		r.Verdict = r.Verdict.Worse(sim.Unknown)
		why := sim.Reason{Kind: sim.ReasonInterrupted, Text: "the run was interrupted"}
		if errors.Is(early, run.ErrStopped) {
			why = sim.Reason{Kind: sim.ReasonStop, Text: "the run was " + early.Error()}
		}
		r.Reasons = append(sim.Reasons{why}, r.Reasons...)
	}
	result := &Result{r, info, path}
	if err := Publish(result); err != nil {
		return nil, fmt.Errorf("%w\nwhat was recorded is in %s; squall check %[2]s judges it", err, path)
	}
	return result, nil
}

// discard removes a run directory in which nothing was recorded, and the
// folder of all runs when it is the only one.
func discard(dir string) {
	_ = os.Remove(dir) // it is not there, or something was written into it after all
	if parent := filepath.Dir(dir); filepath.Base(parent) == "runs" {
		_ = os.Remove(parent) // refused unless it is empty
	}
}

func servedBy(b sim.BackingInfo) string {
	s := fmt.Sprintf("backing: %s (%s, %s)", b.Name, b.Servers["broker"], b.Servers["database"])
	if b.Name == "embedded" && b.Reason != "" {
		s += "; no containers: " + b.Reason
	}
	return s
}
