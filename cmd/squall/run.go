package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"squall"
	"squall/cmd/squall/internal/live"
	"squall/reports"
	"squall/sim"
)

// scenarioFlags are those that change a scenario.
type scenarioFlags struct {
	variants []string
	repeats  int
	seed     int64
	set      []string
}

func (f *scenarioFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&f.variants, "variant", nil, "variants, instead of the scenario's")
	flags.IntVar(&f.repeats, "repeats", 0, "trials of each variant, instead of the scenario's")
	flags.Int64Var(&f.seed, "seed", -1, "seed, instead of the scenario's")
	flags.StringArrayVar(&f.set, "set", nil, "change one value, such as services.inventory.replicas=4")
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		switch {
		case flags.Changed("repeats") && f.repeats < 1:
			return usageError{fmt.Errorf("--repeats: saw %d, expected a whole number from 1 to 1000", f.repeats)}
		case flags.Changed("seed") && f.seed < 0:
			return usageError{fmt.Errorf("--seed: saw %d, expected a whole number from 0 to %d", f.seed, math.MaxInt64)}
		}
		return nil
	}
}

// overrides are the flags as path=value.
func (f *scenarioFlags) overrides() []string {
	all := append([]string{}, f.set...)
	if len(f.variants) > 0 {
		all = append(all, "variants=["+strings.Join(f.variants, ", ")+"]")
	}
	if f.repeats != 0 {
		all = append(all, fmt.Sprintf("repeats=%d", f.repeats))
	}
	if f.seed >= 0 {
		all = append(all, fmt.Sprintf("seed=%d", f.seed))
	}
	return all
}

// runFlags are the settings of squall run.
type runFlags struct {
	scenarioFlags
	squall.Options
	broker, database string // images
	quiet            bool
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
		RunE:    func(c *cobra.Command, names []string) error { return runAll(c, names, f) },
	}
	f.scenarioFlags.add(c)
	flags := c.Flags()
	flags.StringVar(&f.Backing, "backing", "auto", "servers: auto, container, embedded, or a broker and a database such as rabbitmq,sqlite")
	flags.StringVar(&f.Dir, "out", "", "run directory (default runs/<UTC>-<name>)")
	flags.BoolVar(&f.quiet, "quiet", false, "no progress")
	flags.StringVar(&f.System, "system", "",
		"another program for the pipeline's processes, started as PROGRAM service (docs/process-contract.md)")
	flags.StringVar(&f.broker, "image-broker", os.Getenv("SQUALL_IMAGE_BROKER"), "container image of the broker")
	flags.StringVar(&f.database, "image-database", os.Getenv("SQUALL_IMAGE_DATABASE"), "container image of the database")
	return c
}

func runAll(c *cobra.Command, names []string, f runFlags) (err error) {
	f.Images = map[string]string{"broker": f.broker, "database": f.database}
	all, err := squall.ReadScenarios(names, f.overrides()...)
	if err != nil {
		return err
	}
	if f.System != "" {
		if f.System, err = squall.Executable("--system", f.System); err != nil {
			return err
		}
	}
	if f.Dir != "" && len(all) > 1 {
		return usageError{errors.New("--out names one directory, and there are several scenarios")}
	}
	worst := sim.Pass
	for _, sc := range all {
		r, err := runOne(c, sc, f)
		if err != nil {
			return err
		}
		worst = worst.Worse(r.Verdict)
	}
	return verdict(worst)
}

// runOne runs a scenario, with its progress on the terminal, and prints what was
// found.
func runOne(c *cobra.Command, sc squall.Scenario, f runFlags) (*squall.Result, error) {
	show := live.New(c.ErrOrStderr(), f.quiet)
	defer show.Close()
	f.Observer = show
	r, err := squall.Run(c.Context(), sc, f.Options)
	show.Close()
	if err != nil {
		return nil, err
	}
	return r, printResult(c.OutOrStdout(), r)
}

// printResult prints a run's summary and where its report is.
func printResult(out io.Writer, r *squall.Result) error {
	if _, err := fmt.Fprintf(out, "%s\nreport: %s\n", reports.Terminal(r.Info, r.Result), r.Report()); err != nil {
		return unprinted{fmt.Errorf("%w\nthe verdict is %s; the report is %s", err, r.Verdict, r.Report())}
	}
	return nil
}
