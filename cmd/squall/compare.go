package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"squall"
	"squall/reports"
	"squall/sim"
	"squall/sim/gate"
	"squall/sim/measure"
)

// ruleFlags are the settings of the rule by which runs are compared.
type ruleFlags struct {
	alpha  []string
	least  []string
	across bool
	format string
	link   string
	failOn string
}

// What a comparison fails on.
const (
	failOnAny         = "any"
	failOnCorrectness = "correctness"
	failOnNone        = "none"
)

func (f *ruleFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVar(&f.alpha, "alpha", nil, fmt.Sprintf("how likely a figure that did not change may be called worse or better"+
		" (default %v); 'accept p99=0.01' sets one, repeat for several", gate.DefaultAlpha))
	flags.StringArrayVar(&f.least, "min-effect", nil,
		"least difference that matters, such as 'accept p99=20%' or recovery=3s; repeat for several")
	flags.BoolVar(&f.across, "across", false, "compare what was not run under the same conditions")
	flags.StringVar(&f.format, "format", "text", "text, md, json or junit")
	completeFlag(c, "format", words("text", "md", "json", "junit"))
	flags.StringVar(&f.failOn, "fail-on", failOnAny, "what ends with exit code 1: any regression, correctness alone, or none")
	flags.StringVar(&f.link, "link", "", "address of the report, for the Markdown")
}

// rule reads the flags; all that is wrong with them is told at once.
func (f *ruleFlags) rule() (gate.Rule, error) {
	r := gate.Rule{Metrics: map[string]sim.Threshold{}, Across: f.across}
	var wrong []error
	if !slices.Contains([]string{"text", "md", "json", "junit"}, f.format) {
		wrong = append(wrong, fmt.Errorf("--format: saw %q, expected text, md, json or junit", f.format))
	}
	if !slices.Contains([]string{failOnAny, failOnCorrectness, failOnNone}, f.failOn) {
		wrong = append(wrong, fmt.Errorf("--fail-on: saw %q, expected any, correctness or none", f.failOn))
	}
	wrong = append(wrong, f.thresholds(r.Metrics)...)
	if len(wrong) > 0 {
		return r, usageError{errors.Join(wrong...)}
	}
	return r, nil
}

// thresholds reads --alpha and --min-effect into what is asked of each figure.
func (f *ruleFlags) thresholds(metrics map[string]sim.Threshold) (wrong []error) {
	for _, setting := range f.alpha {
		names, value := measure.ComparedNames(), setting
		if name, of, one := strings.Cut(setting, "="); one {
			names, value = []string{strings.TrimSpace(name)}, of
		}
		_, unknown := measure.FindCompared(names[0])
		x, err := measure.ParseAlpha(value)
		if err = errors.Join(unknown, err); err != nil {
			wrong = append(wrong, fmt.Errorf("--alpha: %w", err))
			continue
		}
		for _, name := range names {
			metrics[name] = sim.Threshold{Alpha: &x}.Or(metrics[name])
		}
	}
	for _, setting := range f.least {
		name, value, _ := strings.Cut(setting, "=")
		name = strings.TrimSpace(name)
		f, err := measure.FindCompared(name)
		x := 0.0
		if err == nil {
			x, err = measure.ParseMinEffect(f, strings.TrimSpace(value))
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--min-effect %s: %w", name, err))
			continue
		}
		metrics[name] = sim.Threshold{MinEffect: &x}.Or(metrics[name])
	}
	return wrong
}

func newCompare() *cobra.Command {
	var f ruleFlags
	c := &cobra.Command{
		Use:   "compare BASE HEAD",
		Short: "Tell whether a run is worse than another or than a baseline",
		Long: `Compare two runs, or a run with a baseline: run directories or baselines' files.
Of a folder of baselines, the one of the run's scenario and machine is taken.

A figure is better or worse when the Mann-Whitney test says that chance alone
would hardly do (p under alpha) and the difference matters (at least the least
effect); the same when the interval of the difference lies within what matters;
of all else nobody can tell, and it says how many trials would be enough. An
order that came to harm where none did before is always a regression.

Exit codes: 0 nothing got worse, 1 something did, 2 there were too few trials to
tell anything, 64 usage or conditions that are not the same.`,
		Example: "  squall compare .squall/baselines runs/today --format md\n  squall compare runs/monday runs/tuesday --across",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, a []string) error {
			rule, err := f.rule()
			if err != nil {
				return err
			}
			cmp, err := squall.Compare(a[0], a[1], rule)
			if err != nil {
				return err
			}
			if err := writeComparison(c.OutOrStdout(), cmp, f.format, f.link); err != nil {
				return err
			}
			return verdict(f.verdict(cmp))
		},
	}
	f.add(c)
	return c
}

// verdict is what a comparison comes to.
func (f *ruleFlags) verdict(c gate.Comparison) sim.Verdict {
	harmed := slices.ContainsFunc(c.Rows, gate.Row.Harm)
	switch {
	case harmed && f.failOn != failOnNone, c.Worse > 0 && f.failOn == failOnAny:
		return sim.Fail
	case f.failOn == failOnAny && c.Unsure == len(c.Rows): // also where there are none
		return sim.Unknown
	}
	return sim.Pass
}

// writeComparison writes a comparison in one of its formats.
func writeComparison(out io.Writer, cmp gate.Comparison, format, link string) (err error) {
	switch format {
	case "text":
		_, err = fmt.Fprint(out, reports.ComparisonText(cmp))
	case "md":
		_, err = fmt.Fprint(out, reports.ComparisonMarkdown(cmp, link))
	case "json":
		err = printJSON(out, cmp)
	case "junit":
		b, junitErr := reports.ComparisonJUnit(cmp)
		if junitErr != nil {
			return junitErr
		}
		_, err = out.Write(b)
	default:
		err = usageError{fmt.Errorf("--format: saw %q, expected text, md, json or junit", format)}
	}
	return err
}
