package squall

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"squall/sim/gate"
	"squall/sim/record"
	"squall/sim/run"
)

// BenchOptions say how a scenario is repeated, and what it is compared with.
type BenchOptions struct {
	Rule      gate.Rule
	Repeats   int    // of each side, at most
	Against   string // the base: another build of squall, or with System another of the pipeline; "" for none
	System    string // another program for the pipeline's processes
	Calibrate bool   // compare this build with itself
	Backing   string // as in Options
	Dir       string // folder of the runs; "" makes one in the folder runs
	Set       []string
	Observer  Observer
}

// BenchResult is what the repeats of one scenario came to.
type BenchResult struct {
	Folder string
	// Comparison is of the two sides; nil where there is one side, or a calibration.
	Comparison  *gate.Comparison
	Calibration *gate.Calibration
	Repeats     int
}

// Kept is the file in which this build's side of a bench is kept as a baseline.
func (r BenchResult) Kept() string { return filepath.Join(r.Folder, sideFiles[0]) }

// Bench repeats each scenario, and hands on what came of each as soon as it is
// known. All scenarios are checked before the first is run.
func Bench(ctx context.Context, names []string, o BenchOptions, each func(BenchResult) error) error {
	if o.Repeats < 1 {
		return usage(fmt.Errorf("--repeats: saw %d, expected 1 or more", o.Repeats))
	}
	sides, err := o.sides()
	if err != nil {
		return err
	}
	if _, err := ReadScenarios(names, o.Set...); err != nil {
		return err
	}
	if o.Dir == "" {
		o.Dir = filepath.Join("runs", "bench-"+time.Now().UTC().Format("20060102T150405Z"))
	}
	for i, name := range names {
		b := &bench{BenchOptions: o, scenario: name, sides: sides, folder: filepath.Join(o.Dir, fmt.Sprint(i+1)), show: observer(o.Observer)}
		r, err := b.run(ctx)
		if err == nil {
			err = each(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// side is what one side of a comparison runs.
type side struct {
	name    string // in the progress
	program string // the squall
	system  string // the pipeline's processes; "" for the squall itself
}

// bench is the repeats of one scenario.
type bench struct {
	BenchOptions
	scenario string
	sides    []side // one, or the base and what is compared with it
	folder   string
	show     Observer
	measured [2][]gate.Baseline
}

// sides are the sides of a bench.
func (o BenchOptions) sides() ([]side, error) {
	if o.Calibrate && o.Against != "" {
		return nil, usage(errors.New("--calibrate compares this build with itself, and --against with another: which?"))
	}
	program, err := programOr("")
	if err != nil {
		return nil, err
	}
	head := side{"", program, ""}
	if o.System != "" {
		if head.system, err = Executable("--system", o.System); err != nil {
			return nil, err
		}
	}
	base := head
	switch {
	case o.Calibrate:
	case o.Against == "":
		return []side{head}, nil
	case o.System != "":
		base.system, err = Executable("--against", o.Against)
	default:
		base.program, err = Executable("--against", o.Against)
	}
	base.name, head.name = ", base", ", head"
	return []side{base, head}, err
}

// run carries out the repeats of one scenario and says what came of them.
func (b *bench) run(ctx context.Context) (r BenchResult, err error) {
	r = BenchResult{Folder: b.folder, Repeats: b.Repeats}
	if err := os.MkdirAll(b.folder, 0o755); err != nil {
		return r, err
	}
	sequential := gate.Sequential{Rule: b.Rule, Repeats: b.Repeats}
	var base, head gate.Baseline
	for n := 1; n <= b.Repeats; n++ {
		for _, side := range gate.Order(n - 1) {
			if side >= len(b.sides) {
				continue
			}
			if err := b.repeat(ctx, side, n); err != nil {
				return r, err
			}
		}
		if base, head, err = b.merged(); err != nil {
			return r, err
		}
		if len(b.sides) == 1 || b.Calibrate {
			continue
		}
		cmp, done, err := sequential.Look(base, head, n)
		if err != nil {
			return r, conditions(err)
		}
		if done {
			r.Comparison = &cmp
			return r, nil
		}
	}
	if b.Calibrate {
		c, err := gate.Calibrate(base, head, b.Rule, b.Repeats)
		r.Calibration = &c
		return r, conditions(err)
	}
	return r, nil
}

// repeat runs one side once, as a process of its own: both sides are started in
// the same way, whichever build they are.
func (b *bench) repeat(ctx context.Context, side, n int) error {
	out := filepath.Join(b.folder, fmt.Sprintf("%s-%d", []string{"a", "b"}[side], n))
	words := []string{"run", b.scenario, "--repeats", "1", "--quiet", "--backing", b.Backing, "--out", out}
	if s := b.sides[side].system; s != "" {
		words = append(words, "--system", s)
	}
	for _, s := range b.Set {
		words = append(words, "--set", s)
	}
	b.show.Line(fmt.Sprintf("repeat %d of %d%s", n, b.Repeats, b.sides[side].name))
	cmd := exec.CommandContext(ctx, b.sides[side].program, words...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return run.ErrInterrupted
	}
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && (exit.ExitCode() == ExitFail || exit.ExitCode() == ExitUnknown)) {
		return fmt.Errorf("repeat %d with %s: %w\n%s", n, b.sides[side].program, err, said)
	}
	// Both sides are judged by this build: what is compared is what happened.
	baseline, err := ReadSide(out)
	if err != nil {
		return err
	}
	b.measured[side] = append(b.measured[side], baseline)
	return nil
}

// sideFiles are where each side is kept, as baselines.
var sideFiles = [2]string{"base.json", "head.json"}

// merged adds up the repeats of each side, and keeps both: another format, or
// another rule, needs no other bench.
func (b *bench) merged() (base, head gate.Baseline, err error) {
	for i, into := range []*gate.Baseline{&base, &head} {
		if len(b.measured[i]) == 0 {
			continue
		}
		if *into, err = gate.Merge(b.measured[i]); err == nil {
			err = record.WriteJSON(filepath.Join(b.folder, sideFiles[i]), *into)
		}
		if err != nil {
			return base, head, err
		}
	}
	return base, head, nil
}
