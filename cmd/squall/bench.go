package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"squall"
	"squall/cmd/squall/internal/live"
	"squall/reports"
	"squall/sim"
)

func newBench() *cobra.Command {
	var f ruleFlags
	var o squall.BenchOptions
	c := &cobra.Command{
		Use:   "bench SCENARIO...",
		Short: "Repeat scenarios, with one build of squall or interleaved with another, and compare",
		Long: `Repeat scenarios. With --against, each repeat runs the other build too, in the
order ABBA, so that a drift of the machine hits both; this build is the second
side, the other one the base. It stops before the last repeat when the answer is
clear (Haybittle-Peto), and says so.

With --system too, both are programs of the pipeline alone (docs/process-contract.md),
and this squall drives either.

--calibrate runs this build against itself, and says how often the rule raises a
false alarm on this machine and how small an effect it can see.`,
		Example: "  squall bench consumer-kill --repeats 10 --against ./squall-main\n" +
			"  squall bench own.yaml --system ./shop --against ./shop-main\n  squall bench ./own.yaml --calibrate",
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, names []string) error { return benchAll(c, names, f, o) },
	}
	f.add(c)
	flags := c.Flags()
	flags.IntVar(&o.Repeats, "repeats", 10, "repeats of each side, at most")
	flags.StringVar(&o.Against, "against", "", "the base of the comparison: another build of squall, or with --system another of the pipeline")
	flags.StringVar(&o.System, "system", "", "another program for the pipeline's processes, started as PROGRAM service")
	flags.StringVar(&o.Backing, "backing", "auto", "servers: auto, container, embedded, or a broker and a database such as rabbitmq,sqlite")
	flags.StringVar(&o.Dir, "out", "", "folder of the runs (default runs/bench-<UTC>)")
	flags.StringArrayVar(&o.Set, "set", nil, "change one value of the scenario, such as services.inventory.replicas=4")
	flags.BoolVar(&o.Calibrate, "calibrate", false, "compare this build with itself")
	return c
}

func benchAll(c *cobra.Command, names []string, f ruleFlags, o squall.BenchOptions) (err error) {
	if o.Rule, err = f.rule(); err != nil {
		return err
	}
	show := live.New(c.ErrOrStderr(), false)
	defer show.Close()
	o.Observer = show
	worst := sim.Pass
	err = squall.Bench(c.Context(), names, o, func(r squall.BenchResult) error {
		out := c.OutOrStdout()
		switch {
		case r.Calibration != nil:
			_, err := fmt.Fprint(out, reports.CalibrationText(*r.Calibration))
			return err
		case r.Comparison == nil:
			_, err := fmt.Fprintf(out, "%d repeats: %s\n", r.Repeats, r.Kept())
			return err
		}
		worst = worst.Worse(f.verdict(*r.Comparison))
		return writeComparison(out, *r.Comparison, f.format, f.link)
	})
	if err != nil {
		return err
	}
	return verdict(worst)
}
