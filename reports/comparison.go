package reports

import (
	"encoding/xml"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"squall/sim"
	"squall/sim/gate"
	"squall/sim/measure"
)

// ComparisonText renders a comparison for a terminal.
func ComparisonText(c gate.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", c.Scenario, Conclusion(c))
	for _, note := range notes(c) {
		b.WriteString(note + "\n")
	}
	b.WriteString("\n")
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(comparisonHead, "\t"))
	for _, r := range c.Rows {
		fmt.Fprintln(w, strings.Join(comparisonCells(r), "\t"))
	}
	_ = w.Flush() // into a strings.Builder: cannot fail
	return b.String()
}

// comparisonHead names the columns of comparisonCells.
var comparisonHead = []string{"variant", "figure", "base", "head", "difference", "between", "p", "verdict"}

// comparisonCells is a row as the cells of a table.
func comparisonCells(r gate.Row) []string {
	return []string{
		r.Variant, r.Metric, reading(r.Kind, r.Base), reading(r.Kind, r.Head), effect(r, r.Effect), interval(r), probability(r), says(r),
	}
}

// ComparisonMarkdown renders a comparison for the summary of a CI job: first what
// got worse, then all figures, folded. report is the address of a report to link
// to, or "".
func ComparisonMarkdown(c gate.Comparison, report string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## squall: %s: %s %s\n\n", cellText(c.Scenario), comparisonMark(c), Conclusion(c))
	for _, r := range c.Rows {
		if r.Verdict == gate.Worse {
			fmt.Fprintf(&b, "- **%s %s** %s\n", r.Variant, r.Metric, worse(r))
		}
	}
	for _, note := range notes(c) {
		fmt.Fprintf(&b, "- %s\n", cellText(note))
	}
	if report != "" {
		fmt.Fprintf(&b, "\n[The report](%s)\n", strings.NewReplacer("(", "%28", ")", "%29", " ", "%20").Replace(report))
	}
	b.WriteString("\n<details><summary>All figures</summary>\n\n")
	fmt.Fprintf(&b, "| %s |\n|---|---|---:|---:|---:|---|---|---|\n", strings.Join(comparisonHead, " | "))
	for _, r := range c.Rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(comparisonCells(r), " | "))
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

// worse says by how much a figure got worse and how sure that is.
func worse(r gate.Row) string {
	if r.Certain() {
		return "is broken: " + r.Why
	}
	s := fmt.Sprintf("got worse by %s (%s, %s): %s, then %s",
		effect(r, r.Effect), interval(r), chance(r), reading(r.Kind, r.Base), reading(r.Kind, r.Head))
	if r.Why != "" {
		s += "; " + r.Why
	}
	return s
}

// ComparisonJUnit renders each row as a test case; what nobody can tell is
// skipped, with how many trials would do. Where nothing at all can be told, the
// suite has an error, too: skipped tests alone would look like success.
func ComparisonJUnit(c gate.Comparison) ([]byte, error) {
	s := junitSuite{Name: "squall compare " + c.Scenario}
	for _, r := range c.Rows {
		t := junitCase{Name: r.Metric, Class: "squall." + c.Scenario + "." + r.Variant}
		words := fmt.Sprintf("%s: %s, then %s: %s (%s, %s)",
			says(r), reading(r.Kind, r.Base), reading(r.Kind, r.Head), effect(r, r.Effect), interval(r), chance(r))
		s.Tests++
		switch r.Verdict {
		case gate.Worse:
			s.Failures++
			t.Failure = &junitWords{Message: words}
		case gate.CannotTell:
			s.Skipped++
			t.Skipped = &junitWords{Message: words}
		}
		s.Cases = append(s.Cases, t)
	}
	if told(c) == 0 {
		s.add(junitCase{Name: "comparison", Class: "squall." + c.Scenario}, sim.Unknown, Conclusion(c), "")
	}
	out, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("junit: %w", err)
	}
	return append([]byte(xml.Header), append(out, '\n')...), nil
}

// Conclusion is a comparison in a few words. It says that nothing got worse only
// of figures of which that could be told.
func Conclusion(c gate.Comparison) string {
	var parts []string
	switch {
	case len(c.Rows) == 0:
		return "nothing could be told: there is no figure that both have"
	case c.Worse > 0:
		parts = append(parts, fmt.Sprintf("%d got worse", c.Worse))
	case told(c) == 0:
		return fmt.Sprintf("nothing could be told: of %d nobody can tell", c.Unsure)
	case c.Unsure > 0:
		parts = append(parts, "nothing that could be told got worse")
	default:
		parts = append(parts, "nothing got worse")
	}
	if c.Better > 0 {
		parts = append(parts, fmt.Sprintf("%d better", c.Better))
	}
	if c.Unsure > 0 {
		parts = append(parts, fmt.Sprintf("of %d nobody can tell", c.Unsure))
	}
	return strings.Join(parts, ", ")
}

// notes are what a reader of the figures must know: what differed between the two
// sides, and which trials are left out.
func notes(c gate.Comparison) (all []string) {
	if c.Stopped > 0 {
		all = append(all, fmt.Sprintf("stopped after repeat %d: the answer is clear", c.Stopped))
	}
	for _, what := range c.Changed {
		all = append(all, "not the same: "+what)
	}
	for _, trial := range c.LeftOut {
		all = append(all, "in doubt and left out: "+trial)
	}
	return all
}

// reading is a value of a kind of figure, with its unit. A median of violations need not be
// whole.
func reading(k sim.Kind, v float64) string {
	if k == sim.KindViolations {
		return fmt.Sprintf("%.3g", v)
	}
	return valueText(k, v)
}

// effect is a difference of a row's figure: in its unit where the row is absolute,
// else as a change.
func effect(r gate.Row, x float64) string {
	switch {
	case r.Kind == sim.KindShare:
		return fmt.Sprintf("%+.2f points", 100*x)
	case r.Absolute && r.Kind == sim.KindSeconds:
		return fmt.Sprintf("%+.1f s", x)
	case r.Absolute:
		return fmt.Sprintf("%+.3g", x)
	}
	return change(x)
}

// interval is what the difference lies between; - where there are too few trials
// for that.
func interval(r gate.Row) string {
	if r.Confidence == 0 {
		return "-"
	}
	return fmt.Sprintf("%s to %s", effect(r, r.Low), effect(r, r.High))
}

// probability is a row's p.
func probability(r gate.Row) string {
	if r.P < 0.0001 {
		return "<0.0001"
	}
	return fmt.Sprintf("%.2g", r.P)
}

// chance is a probability for a sentence.
func chance(r gate.Row) string {
	if p := probability(r); p[0] == '<' {
		return "p < " + p[1:]
	}
	return "p = " + probability(r)
}

// says is a verdict in words, with why, and what would be enough where nobody can
// tell.
func says(r gate.Row) string {
	s := string(r.Verdict)
	if r.Why != "" {
		s += ": " + r.Why
	}
	switch {
	case r.Enough >= gate.MostTrials:
		s += fmt.Sprintf("; it may take more than %d trials of each", gate.MostTrials)
	case r.Enough > 0:
		s += fmt.Sprintf("; about %d trials of each would do", r.Enough)
	}
	return s
}

// BaselineText renders a baseline for a terminal: where it is from, and of every
// figure the median, the least and the greatest over its trials.
func BaselineText(base gate.Baseline) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, run %s\n%s on %s (%s, %s)\nscenario %s\n\n",
		base.Scenario, base.Run, base.Backing, base.Class, base.Servers["broker"], base.Servers["database"], base.Digest)
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "variant\tfigure\tmedian\tleast\tgreatest\ttrials")
	for _, variant := range slices.Sorted(maps.Keys(base.Variants)) {
		for _, f := range measure.Kept() {
			if values := base.Variants[variant].Figures[f.Unit]; len(values) > 0 {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\n", variant, f.Name,
					reading(f.Kind, measure.Median(values)), reading(f.Kind, slices.Min(values)), reading(f.Kind, slices.Max(values)), len(values))
			}
		}
	}
	_ = w.Flush() // into a strings.Builder: cannot fail
	return b.String()
}

// CalibrationText is a calibration for a terminal.
func CalibrationText(c gate.Calibration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d and %d trials of one build on this machine\n", c.Scenario, c.Repeats, c.Repeats)
	fmt.Fprintf(&b, "as they ran, in turn: %s\n", Conclusion(c.AsRun))
	fmt.Fprintf(&b, "false alarms: %.1f %% of %d comparisons of these trials, dealt out anew each time\n\n"+
		"smallest effect that %d repeats find eight times of ten:\n", 100*float64(c.Alarms)/float64(c.Resamples), c.Resamples, c.Repeats)
	for _, e := range c.Effects {
		text := fmt.Sprintf("%.0f %%", 100*e.Effect)
		if math.IsInf(e.Effect, 1) {
			text = "none of those tried (up to 200 %)"
		}
		fmt.Fprintf(&b, "  %-8s %-14s %s\n", e.Variant, e.Metric, text)
	}
	return b.String()
}
