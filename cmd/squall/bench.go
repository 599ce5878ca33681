package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"squall/scenarios"
	"squall/sim"
	"squall/sim/gate"
)

// benchFlags are the settings of squall bench.
type benchFlags struct {
	ruleFlags
	repeats   int
	against   string
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

--calibrate runs this build against itself, and says how often the rule raises a
false alarm on this machine and how small an effect it can see.`,
		Example: "  squall bench consumer-kill --repeats 10 --against ./squall-main\n  squall bench ./own.yaml --calibrate",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE:    func(c *cobra.Command, names []string) error { return benchAll(c, names, f) },
	}
	f.add(c)
	flags := c.Flags()
	flags.IntVar(&f.repeats, "repeats", 10, "repeats of each side, at most")
	flags.StringVar(&f.against, "against", "", "another build of squall, the base of the comparison")
	flags.StringVar(&f.backing, "backing", "auto", "servers: auto, container or embedded")
	flags.StringVar(&f.out, "out", "", "folder of the runs (default runs/bench-<UTC>)")
	flags.StringArrayVar(&f.set, "set", nil, "change one value of the scenario, such as services.inventory.replicas=4")
	flags.BoolVar(&f.calibrate, "calibrate", false, "compare this build with itself")
	return c
}

// bench is the repeats of one scenario.
type bench struct {
	benchFlags
	scenario string
	programs []string // by side: one, or the base and this build
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
	if f.calibrate && f.against != "" {
		return usageError{errors.New("--calibrate compares this build with itself, and --against with another: which?")}
	}
	program, err := self()
	if err != nil {
		return err
	}
	programs := []string{program}
	switch {
	case f.against != "":
		other, err := filepath.Abs(f.against)
		if err == nil {
			_, err = exec.LookPath(other)
		}
		if err != nil {
			return usageError{fmt.Errorf("--against: %w", err)}
		}
		programs = []string{other, program}
	case f.calibrate:
		programs = []string{program, program}
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

// run carries out the repeats of one scenario and says what came of them.
func (b *bench) run(c *cobra.Command, rule gate.Rule) error {
	if err := os.MkdirAll(b.folder, 0o755); err != nil {
		return err
	}
	sequential := gate.Sequential{Rule: rule, Repeats: b.repeats}
	for n := 1; n <= b.repeats; n++ {
		for _, side := range gate.Order(n - 1) {
			if side >= len(b.programs) {
				continue
			}
			if err := b.repeat(c.Context(), side, n); err != nil {
				return err
			}
		}
		if len(b.programs) == 1 || b.calibrate {
			continue
		}
		base, head, err := b.merged()
		if err != nil {
			return err
		}
		cmp, done, err := sequential.Look(base, head, n)
		if err != nil {
			return conditions(err)
		}
		if done {
			if n < b.repeats {
				fmt.Fprintf(b.progress, "stopped after %d of %d repeats: the answer is clear\n", n, b.repeats)
			}
			if err := writeComparison(c, cmp, b.format, b.link); err != nil {
				return err
			}
			return b.verdict(cmp)
		}
	}
	return b.conclude(c, rule)
}

// conclude keeps the runs of one build as a baseline, or says what this machine
// can see.
func (b *bench) conclude(c *cobra.Command, rule gate.Rule) error {
	base, head, err := b.merged()
	if err != nil {
		return err
	}
	if b.calibrate {
		return b.calibration(c.OutOrStdout(), base, head, rule)
	}
	file := filepath.Join(b.folder, "baseline.json")
	if err := sim.WriteJSON(file, base); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d repeats: %s\n", b.repeats, file)
	return err
}

// repeat runs one side once.
func (b *bench) repeat(ctx context.Context, side, n int) error {
	out := filepath.Join(b.folder, fmt.Sprintf("%s-%d", []string{"a", "b"}[side], n))
	words := []string{"run", b.scenario, "--repeats", "1", "--quiet", "--backing", b.backing, "--out", out}
	for _, s := range b.set {
		words = append(words, "--set", s)
	}
	fmt.Fprintf(b.progress, "%s repeat %d of %d%s\n", time.Now().UTC().Format("15:04:05"), n, b.repeats, b.nameOf(side))
	cmd := exec.CommandContext(ctx, b.programs[side], words...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return verdictError{sim.Unknown}
	}
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && (exit.ExitCode() == exitFail || exit.ExitCode() == exitUnknown)) {
		return fmt.Errorf("repeat %d with %s: %w\n%s", n, b.programs[side], err, said)
	}
	// Both sides are judged by this build: what is compared is what happened.
	baseline, err := readSide(out)
	if err != nil {
		return err
	}
	b.sides[side] = append(b.sides[side], baseline)
	return nil
}

// nameOf is how a side is called in the progress.
func (b *bench) nameOf(side int) string {
	if len(b.programs) == 1 {
		return ""
	}
	return []string{", base", ", head"}[side]
}

func (b *bench) merged() (base, head gate.Baseline, err error) {
	if base, err = gate.Merge(b.sides[0]); err != nil || len(b.sides[1]) == 0 {
		return base, head, err
	}
	head, err = gate.Merge(b.sides[1])
	return base, head, err
}

// resamples is how often the trials of a calibration are dealt out anew.
const resamples = 400

// calibration says how often the rule raises a false alarm when all trials are of
// one build, and how small an effect it finds in each figure.
func (b *bench) calibration(out io.Writer, base, head gate.Baseline, rule gate.Rule) error {
	r := rand.New(rand.NewPCG(1, 1)) // the same figures give the same answer
	alarms := 0
	for range resamples {
		x, y := deal(r, base, head)
		cmp, err := gate.Compare(x, y, rule)
		if err != nil {
			return conditions(err)
		}
		if cmp.Worse > 0 {
			alarms++
		}
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%s, %d and %d trials of one build on this machine\n", base.Scenario, b.repeats, b.repeats)
	fmt.Fprintf(&s, "false alarms: %.1f %% of %d comparisons of these trials, dealt out anew each time\n\nsmallest effect that %d repeats find eight times of ten:\n", 100*float64(alarms)/resamples, resamples, b.repeats)
	for _, variant := range sortedVariants(base) {
		for _, m := range gate.Metrics {
			values := append(append([]float64{}, base.Variants[variant].Figures[m.Unit]...), head.Variants[variant].Figures[m.Unit]...)
			if m.Absolute || len(values) == 0 {
				continue
			}
			effect := gate.Resolution(values, m, rule, b.repeats, r.IntN)
			text := fmt.Sprintf("%.0f %%", 100*effect)
			if math.IsInf(effect, 1) {
				text = "none of those tried (up to 200 %)"
			}
			fmt.Fprintf(&s, "  %-8s %-14s %s\n", variant, m.Name, text)
		}
	}
	_, err := io.WriteString(out, s.String())
	return err
}
