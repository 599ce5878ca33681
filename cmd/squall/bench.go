package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"squall/scenarios"
	"squall/sim"
	"squall/sim/gate"
	"squall/sim/record"
)

// benchFlags are the settings of squall bench.
type benchFlags struct {
	ruleFlags
	repeats   int
	against   string
	system    string
	backing   string
	out       string
	set       []string
	calibrate bool
}

func newBench() *cobra.Command {
	var f benchFlags
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
		Example: "  squall bench consumer-kill --repeats 10 --against ./squall-main\n  squall bench own.yaml --system ./shop --against ./shop-main\n  squall bench ./own.yaml --calibrate",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE:    func(c *cobra.Command, names []string) error { return benchAll(c, names, f) },
	}
	f.add(c)
	flags := c.Flags()
	flags.IntVar(&f.repeats, "repeats", 10, "repeats of each side, at most")
	flags.StringVar(&f.against, "against", "", "the base of the comparison: another build of squall, or with --system another of the pipeline")
	flags.StringVar(&f.system, "system", "", "another program for the pipeline's processes, started as PROGRAM service")
	flags.StringVar(&f.backing, "backing", "auto", "servers: auto, container or embedded")
	flags.StringVar(&f.out, "out", "", "folder of the runs (default runs/bench-<UTC>)")
	flags.StringArrayVar(&f.set, "set", nil, "change one value of the scenario, such as services.inventory.replicas=4")
	flags.BoolVar(&f.calibrate, "calibrate", false, "compare this build with itself")
	return c
}

// side is what one side of a comparison runs.
type side struct {
	name    string // in the progress
	program string // the squall
	system  string // the pipeline's processes; "" for the squall itself
}

// bench is the repeats of one scenario.
type bench struct {
	benchFlags
	scenario string
	programs []side // one, or the base and what is compared with it
	folder   string
	progress io.Writer
	sides    [2][]gate.Baseline
}

func benchAll(c *cobra.Command, names []string, f benchFlags) error {
	rule, err := f.rule()
	if err != nil {
		return err
	}
	if f.repeats < 1 {
		return usageError{fmt.Errorf("--repeats: saw %d, expected 1 or more", f.repeats)}
	}
	programs, err := f.programs()
	if err != nil {
		return err
	}
	var problems scenarios.Problems
	for _, name := range names { // all are checked before any is run
		_, err := readScenario(name, runFlags{set: f.set, seed: -1})
		var p scenarios.Problems
		if errors.As(err, &p) {
			problems = append(problems, p...)
		} else if err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return problems
	}
	if f.out == "" {
		f.out = filepath.Join("runs", "bench-"+time.Now().UTC().Format("20060102T150405Z"))
	}
	worst := sim.Pass
	for i, name := range names {
		b := &bench{benchFlags: f, scenario: name, programs: programs, folder: filepath.Join(f.out, fmt.Sprintf("%d", i+1)), progress: c.ErrOrStderr()}
		err := b.run(c, rule)
		var v verdictError
		if errors.As(err, &v) {
			worst = worst.Worse(v.Verdict)
		} else if err != nil {
			return err
		}
	}
	if worst != sim.Pass {
		return verdictError{worst}
	}
	return nil
}

// programs are the sides of a bench.
func (f benchFlags) programs() ([]side, error) {
	if f.calibrate && f.against != "" {
		return nil, usageError{errors.New("--calibrate compares this build with itself, and --against with another: which?")}
	}
	program, err := self()
	if err != nil {
		return nil, err
	}
	head := side{"", program, ""}
	if f.system != "" {
		if head.system, err = executable("--system", f.system); err != nil {
			return nil, err
		}
	}
	base := head
	switch {
	case f.calibrate:
	case f.against == "":
		return []side{head}, nil
	case f.system != "":
		base.system, err = executable("--against", f.against)
	default:
		base.program, err = executable("--against", f.against)
	}
	base.name, head.name = ", base", ", head"
	return []side{base, head}, err
}

// run carries out the repeats of one scenario and says what came of them.
func (b *bench) run(c *cobra.Command, rule gate.Rule) error {
	if err := os.MkdirAll(b.folder, 0o755); err != nil {
		return err
	}
	sequential := gate.Sequential{Rule: rule, Repeats: b.repeats}
	var base, head gate.Baseline
	var err error
	for n := 1; n <= b.repeats; n++ {
		for _, side := range gate.Order(n - 1) {
			if side >= len(b.programs) {
				continue
			}
			if err := b.repeat(c.Context(), side, n); err != nil {
				return err
			}
		}
		if base, head, err = b.merged(); err != nil {
			return err
		}
		if len(b.programs) == 1 || b.calibrate {
			continue
		}
		cmp, done, err := sequential.Look(base, head, n)
		if err != nil {
			return conditions(err)
		}
		if done {
			if err := writeComparison(c, cmp, b.format, b.link); err != nil {
				return err
			}
			return b.verdict(cmp)
		}
	}
	if b.calibrate {
		return b.calibration(c.OutOrStdout(), base, head, rule)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d repeats: %s\n", b.repeats, filepath.Join(b.folder, sideFiles[0]))
	return err
}

// repeat runs one side once.
func (b *bench) repeat(ctx context.Context, side, n int) error {
	out := filepath.Join(b.folder, fmt.Sprintf("%s-%d", []string{"a", "b"}[side], n))
	words := []string{"run", b.scenario, "--repeats", "1", "--quiet", "--backing", b.backing, "--out", out}
	if s := b.programs[side].system; s != "" {
		words = append(words, "--system", s)
	}
	for _, s := range b.set {
		words = append(words, "--set", s)
	}
	fmt.Fprintf(b.progress, "%s repeat %d of %d%s\n", time.Now().UTC().Format("15:04:05"), n, b.repeats, b.programs[side].name)
	cmd := exec.CommandContext(ctx, b.programs[side].program, words...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return verdictError{sim.Unknown}
	}
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && (exit.ExitCode() == exitFail || exit.ExitCode() == exitUnknown)) {
		return fmt.Errorf("repeat %d with %s: %w\n%s", n, b.programs[side].program, err, said)
	}
	// Both sides are judged by this build: what is compared is what happened.
	baseline, err := readSide(out)
	if err != nil {
		return err
	}
	b.sides[side] = append(b.sides[side], baseline)
	return nil
}

// sideFiles are where each side is kept, as baselines.
var sideFiles = [2]string{"base.json", "head.json"}

// merged adds up the repeats of each side, and keeps both: another format, or
// another rule, needs no other bench.
func (b *bench) merged() (base, head gate.Baseline, err error) {
	for i, into := range []*gate.Baseline{&base, &head} {
		if len(b.sides[i]) == 0 {
			continue
		}
		if *into, err = gate.Merge(b.sides[i]); err == nil {
			err = record.WriteJSON(filepath.Join(b.folder, sideFiles[i]), *into)
		}
		if err != nil {
			return base, head, err
		}
	}
	return base, head, nil
}
