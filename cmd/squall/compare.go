package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"squall/reports"
	"squall/sim"
	"squall/sim/gate"
)

// ruleFlags are the settings of the rule by which runs are compared.
type ruleFlags struct {
	alpha  float64
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
	flags.Float64Var(&f.alpha, "alpha", gate.DefaultAlpha, "how likely a figure that did not change may be called worse or better")
	flags.StringArrayVar(&f.least, "min-effect", nil, "least difference that matters, such as 'accept p99=20%' or recovery=3; repeat for several")
	flags.BoolVar(&f.across, "across", false, "compare what was not run under the same conditions")
	flags.StringVar(&f.format, "format", "text", "text, md, json or junit")
	flags.StringVar(&f.failOn, "fail-on", failOnAny, "what ends with exit code 1: any regression, correctness alone, or none")
	flags.StringVar(&f.link, "link", "", "address of the report, for the Markdown")
}

// rule reads the flags; all that is wrong with them is told at once.
func (f *ruleFlags) rule() (gate.Rule, error) {
	r := gate.Rule{Alpha: f.alpha, MinEffect: map[string]float64{}, Across: f.across}
	var wrong []string
	if f.alpha <= 0 || f.alpha >= 1 {
		wrong = append(wrong, fmt.Sprintf("--alpha: saw %v, expected a probability between 0 and 1", f.alpha))
	}
	if !slices.Contains([]string{"text", "md", "json", "junit"}, f.format) {
		wrong = append(wrong, fmt.Sprintf("--format: saw %q, expected text, md, json or junit", f.format))
	}
	if !slices.Contains([]string{failOnAny, failOnCorrectness, failOnNone}, f.failOn) {
		wrong = append(wrong, fmt.Sprintf("--fail-on: saw %q, expected any, correctness or none", f.failOn))
	}
	for _, setting := range f.least {
		name, value, _ := strings.Cut(setting, "=")
		m, known := gate.MetricByName(strings.TrimSpace(name))
		number, share := strings.CutSuffix(strings.TrimSpace(value), "%")
		x, err := strconv.ParseFloat(number, 64)
		if share {
			x /= 100
		}
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("--min-effect: no figure %q, expected one of %s", name, metricNames()))
		case err != nil || x < 0:
			wrong = append(wrong, fmt.Sprintf("--min-effect %s: saw %q, expected a number or a percentage", name, value))
		default:
			r.MinEffect[m.Name] = x
		}
	}
	if len(wrong) > 0 {
		return r, usageError{fmt.Errorf("%s", strings.Join(wrong, "\n"))}
	}
	return r, nil
}

func metricNames() string {
	var names []string
	for _, m := range gate.Metrics {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}

func sorted(s []string) []string { slices.Sort(s); return s }

func newCompare() *cobra.Command {
	var f ruleFlags
	c := &cobra.Command{
		Use:   "compare BASE HEAD",
		Short: "Tell whether a run is worse than another or than a baseline",
		Long: `Compare two runs, or a run with a baseline: run directories or baselines' files.

A figure is better or worse when the Mann-Whitney test says that chance alone
would hardly do (p under alpha) and the difference matters (at least the least
effect); the same when the interval of the difference lies within what matters;
of all else nobody can tell, and it says how many trials would be enough. An
order that came to harm where none did before is always a regression.

Exit codes: 0 nothing got worse, 1 something did, 2 there were too few trials to
tell anything, 64 usage or conditions that are not the same.`,
		Example: "  squall compare .squall/baselines/own-*.json runs/today --format md\n  squall compare runs/monday runs/tuesday --across",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, a []string) error {
			rule, err := f.rule()
			if err != nil {
				return err
			}
			base, err := readSide(a[0])
			if err != nil {
				return err
			}
			head, err := readSide(a[1])
			if err != nil {
				return err
			}
			cmp, err := gate.Compare(base, head, rule)
			if err != nil {
				return conditions(err)
			}
			if err := writeComparison(c, cmp, f.format, f.link); err != nil {
				return err
			}
			return f.verdict(cmp)
		},
	}
	f.add(c)
	return c
}

// verdict is the error that ends a command with a comparison's exit code.
func (f *ruleFlags) verdict(c gate.Comparison) error {
	harmed := slices.ContainsFunc(c.Rows, func(r gate.Row) bool { return r.Verdict == gate.Worse && r.Unit == "violations" })
	switch {
	case harmed && f.failOn != failOnNone, c.Worse > 0 && f.failOn == failOnAny:
		return verdictError{sim.Fail}
	case f.failOn == failOnAny && c.Unsure == len(c.Rows): // also where there are none
		return verdictError{sim.Unknown}
	}
	return nil
}

// writeComparison writes a comparison in one of its formats.
func writeComparison(c *cobra.Command, cmp gate.Comparison, format, link string) (err error) {
	out := c.OutOrStdout()
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

// conditions makes an error of conditions that differ one of usage.
func conditions(err error) error {
	var c *gate.ConditionsError
	if errors.As(err, &c) {
		return usageError{err}
	}
	return err
}
