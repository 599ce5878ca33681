package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"squall/cmd/squall/internal/live"
	"squall/reports"
	"squall/scenarios"
	"squall/sim"
)

// runFlags are the settings of squall run.
type runFlags struct {
	variants []string
	backing  string
	repeats  int
	seed     int64
	out      string
	set      []string
	quiet    bool
	images   map[string]string
	broker   string
	database string
	system   string // the program of the pipeline's processes; "" for this one
}

func newRun() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run SCENARIO...",
		Short: "Run scenarios and write a report of each",
		Long: `Run scenarios, each a file or a name from the library (squall list scenarios),
and write a run directory with the history, result.json and report.html.

Exit codes: 0 pass, 1 a check or expectation failed, 2 unknown, 3 squall itself
or a server failed, 64 usage.`,
		Example: "  squall run consumer-kill\n  squall run ./own.yaml --backing embedded --repeats 3",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, names []string) error {
			return runAll(c, names, f)
		},
	}
	flags := c.Flags()
	scenarioFlags(c, &f)
	flags.StringVar(&f.backing, "backing", "auto", "servers: auto, container or embedded")
	flags.StringVar(&f.out, "out", "", "run directory (default runs/<UTC>-<name>)")
	flags.BoolVar(&f.quiet, "quiet", false, "no progress")
	flags.StringVar(&f.system, "system", "", "another program for the pipeline's processes, started as PROGRAM service (docs/process-contract.md)")
	flags.StringVar(&f.broker, "image-broker", os.Getenv("SQUALL_IMAGE_BROKER"), "container image of the broker")
	flags.StringVar(&f.database, "image-database", os.Getenv("SQUALL_IMAGE_DATABASE"), "container image of the database")
	return c
}

// scenarioFlags are the flags that change a scenario, for run and plan alike.
func scenarioFlags(c *cobra.Command, f *runFlags) {
	flags := c.Flags()
	flags.StringSliceVar(&f.variants, "variant", nil, "variants, instead of the scenario's")
	flags.IntVar(&f.repeats, "repeats", 0, "trials of each variant, instead of the scenario's")
	flags.Int64Var(&f.seed, "seed", -1, "seed, instead of the scenario's")
	flags.StringArrayVar(&f.set, "set", nil, "change one value, such as services.inventory.replicas=4")
}

// loaded is a scenario that was read and found good.
type loaded struct {
	name      string // as it was given: a file or a name from the library
	scenario  sim.Scenario
	text      string
	file      string
	overrides []string
}

// readScenario reads a scenario with what the flags change in it.
func readScenario(name string, f runFlags) (loaded, error) {
	text, file, err := scenarios.Load(name)
	if err != nil {
		return loaded{}, usageError{err}
	}
	overrides := append([]string{}, f.set...)
	if len(f.variants) > 0 {
		overrides = append(overrides, "variants=["+strings.Join(f.variants, ", ")+"]")
	}
	if f.repeats != 0 {
		overrides = append(overrides, fmt.Sprintf("repeats=%d", f.repeats))
	}
	if f.seed >= 0 {
		overrides = append(overrides, fmt.Sprintf("seed=%d", f.seed))
	}
	sc, err := scenarios.ParseWith(file, text, overrides, catalog())
	return loaded{name, sc, string(text), file, overrides}, err
}

func runAll(c *cobra.Command, names []string, f runFlags) error {
	f.images = map[string]string{"broker": f.broker, "database": f.database}
	var all []loaded
	var problems scenarios.Problems
	for _, name := range names { // all are checked before any is run
		l, err := readScenario(name, f)
		var p scenarios.Problems
		if errors.As(err, &p) {
			problems = append(problems, p...)
			continue
		}
		if err != nil {
			return err
		}
		all = append(all, l)
	}
	if len(problems) > 0 {
		return problems
	}
	if f.system != "" {
		path, err := executable("--system", f.system)
		if err != nil {
			return err
		}
		f.system = path
	}
	if f.out != "" && len(all) > 1 {
		return usageError{errors.New("--out names one directory, and there are several scenarios")}
	}
	worst := sim.Pass
	for _, l := range all {
		r, err := runOne(c.Context(), l, f, c.OutOrStdout(), c.ErrOrStderr())
		if err != nil {
			return err
		}
		worst = worst.Worse(r.Verdict)
	}
	if worst != sim.Pass {
		return verdictError{worst}
	}
	return nil
}

// runOne runs a scenario, judges it, and writes what was found. An interrupted
// run is judged too: what was recorded is kept.
func runOne(ctx context.Context, l loaded, f runFlags, out, progress io.Writer) (*sim.Result, error) {
	program, err := self()
	if err != nil {
		return nil, err
	}
	started := time.Now().UTC()
	id := started.Format("20060102T150405.000Z") + "-" + l.scenario.Name
	if f.out == "" {
		f.out = filepath.Join("runs", strings.Replace(id, ".", "", 1))
	}
	goFirst()
	show := live.New(progress, f.quiet)
	defer show.Close()
	chosen, err := chooseBacking(ctx, f.backing, id, program, f.images, show.Line)
	if err == nil {
		err = errors.Join(chosen.refuse(l.scenario), enoughFiles(l.scenario))
	}
	if err != nil {
		return nil, err
	}
	dir, b, done, err := openRun(ctx, id, program, f.out, chosen, l.scenario, show)
	if err != nil {
		return nil, err
	}
	defer done()
	schedule := sim.NewSchedule(l.scenario)
	info := describeRun(id, started, l, f, b.Info(), chosen.reason, schedule)
	if err := sim.WriteJSON(dir.RunFile(), info); err != nil {
		return nil, err
	}
	show.Line(servedBy(info.Backing))
	runErr := sim.Run(ctx, dir, info, schedule, parts(b, cmp.Or(f.system, program), show.Progress))
	if runErr != nil && !errors.Is(runErr, sim.ErrInterrupted) && !errors.Is(runErr, sim.ErrStopped) {
		return nil, fmt.Errorf("%w\nwhat was recorded is in %s", runErr, f.out)
	}
	show.Busy("judging what was recorded")
	return conclude(dir, info, runErr, f.out, show, out)
}

// openRun makes the run directory and starts the servers. Nothing is left of
// either after an error.
func openRun(ctx context.Context, id, program, path string, chosen servers, sc sim.Scenario, show *live.Display) (dir sim.RunDir, b sim.Backing, done func(), err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", nil, nil, err
	}
	if dir, err = sim.CreateRunDir(abs); err != nil {
		return "", nil, nil, err
	}
	stopReaper, err := startReaper(program, id, abs)
	if err != nil {
		discard(abs)
		return "", nil, nil, err
	}
	if b, err = chosen.start(ctx, sc); err != nil {
		stopReaper()
		discard(abs)
		if ctx.Err() != nil {
			show.Line("interrupted before anything was started")
			err = verdictError{sim.Unknown}
		}
		return "", nil, nil, err
	}
	return dir, b, func() { b.Close(context.WithoutCancel(ctx)); stopReaper() }, nil
}

// conclude judges what was recorded, writes it and prints the summary. early is
// why the run ended before its time, nil if it did not.
func conclude(dir sim.RunDir, info sim.RunInfo, early error, path string, show *live.Display, out io.Writer) (*sim.Result, error) {
	r, err := judge(dir, info)
	if err != nil {
		return nil, err
	}
	if early != nil {
		r.Verdict = r.Verdict.Worse(sim.Unknown)
		why := "the run was interrupted"
		if errors.Is(early, sim.ErrStopped) {
			why = "the run was " + early.Error()
		}
		r.Reasons = append([]string{why}, r.Reasons...)
	}
	if err := publish(dir, info, r); err != nil {
		return nil, fmt.Errorf("%w\nwhat was recorded is in %s; squall check %[2]s judges it", err, path)
	}
	show.Close()
	report := filepath.Join(path, "report.html")
	if _, err = fmt.Fprintf(out, "%s\nreport: %s\n", reports.Terminal(info, r), report); err != nil {
		return nil, unprinted{fmt.Errorf("%w\nthe verdict is %s; the report is %s", err, r.Verdict, report)}
	}
	return r, nil
}

// discard removes a run directory in which nothing was recorded, and the
// folder of all runs when it is the only one.
func discard(dir string) {
	os.Remove(dir)
	if parent := filepath.Dir(dir); filepath.Base(parent) == "runs" {
		os.Remove(parent) // refused unless it is empty
	}
}

func servedBy(b sim.BackingInfo) string {
	s := fmt.Sprintf("backing: %s (%s, %s)", b.Name, b.Servers["broker"], b.Servers["database"])
	if b.Name == "embedded" && b.Reason != "" {
		s += "; no containers: " + b.Reason
	}
	return s
}

func describeRun(id string, started time.Time, l loaded, f runFlags, b sim.BackingInfo, reason string, s *sim.Schedule) sim.RunInfo {
	b.Reason = reason
	info := sim.RunInfo{
		Schema: sim.ResultSchema, ID: id, Scenario: l.scenario, Source: l.text, File: l.file, Overrides: l.overrides,
		Started: started, Backing: b, Requests: len(s.At), Digest: s.Digest(), Trials: sim.Trials(l.scenario),
		Machine: machine(), Versions: versions(),
	}
	info.Command = []string{"squall", "run", l.name, "--backing", b.Name}
	if f.system != "" {
		info.Command = append(info.Command, "--system", f.system)
		info.Versions["system"] = digest(f.system)
	}
	for _, o := range l.overrides {
		info.Command = append(info.Command, "--set", o)
	}
	return info
}

func versions() map[string]string {
	v := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		v["go"] = info.GoVersion
		v["squall"] = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v["revision"] = s.Value
			}
		}
	}
	return v
}
