package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"squall/scenarios"
	"squall/sim"
	"squall/system/service"
)

// selftestFlags are the settings of squall selftest.
type selftestFlags struct {
	backing  string
	bugs     []string
	clean    int
	out      string
	markdown bool
}

func newSelftest() *cobra.Command {
	var f selftestFlags
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Prove that the audit catches what it promises to catch",
		Long: `Switch on one seeded bug of the pipeline after another, run each under the
storm that exposes it, and show whether an invariant caught it. Then run the
same storms without any bug: the asynchronous ones must violate nothing.

Exit codes: 0 every bug was caught and nothing else was, 1 not so, 3 squall
itself or a server failed.`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return selftest(c, f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.backing, "backing", "embedded", "servers: container or embedded")
	flags.StringSliceVar(&f.bugs, "bug", nil, "only these bugs")
	flags.IntVar(&f.clean, "clean", 1, "repeats of each storm without a bug")
	flags.BoolVar(&f.markdown, "markdown", false, "print the table as Markdown")
	flags.StringVar(&f.out, "out", "", "keep the run directories here (default: removed)")
	return c
}

func selftest(c *cobra.Command, f selftestFlags) error {
	if f.backing != "embedded" && f.backing != "container" {
		return usageError{fmt.Errorf("no backing named %q, expected embedded or container", f.backing)}
	}
	for _, name := range f.bugs {
		if !slices.ContainsFunc(selftestCases, func(k selftestCase) bool { return k.bug == name }) {
			return usageError{fmt.Errorf("no bug named %q, expected one of %s", name, strings.Join(bugNames(), ", "))}
		}
	}
	dir := f.out
	if dir == "" {
		tmp, err := os.MkdirTemp("", "squall-selftest-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	lab, closeLab, err := openTestbed(c.Context(), f.backing, 1, dir, c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer closeLab()
	return lab.work(c.Context(), f, c.OutOrStdout())
}

func bugNames() (names []string) {
	for _, b := range service.Bugs() {
		names = append(names, b.Name)
	}
	return names
}

// selftestRow is one line of the selftest's table.
type selftestRow struct{ bug, scenario, expected, seen, answer string }

// work runs every case, prints the table, and returns the verdict.
func (l *testbed) work(ctx context.Context, f selftestFlags, out io.Writer) error {
	var rows []selftestRow
	defer func() { printSelftest(out, f.markdown, rows) }()
	good := true
	var storms []string
	for _, k := range selftestCases {
		if len(f.bugs) > 0 && !slices.Contains(f.bugs, k.bug) || !slices.Contains(k.backings, f.backing) {
			continue
		}
		if !slices.Contains(storms, k.scenario) {
			storms = append(storms, k.scenario)
		}
		r, err := l.storm(ctx, k.scenario, k.bug, 1)
		if err != nil {
			return err
		}
		answer := "missed"
		if caught(r, k.caught) {
			answer = "caught"
		}
		good = good && answer == "caught"
		rows = append(rows, selftestRow{k.bug, k.scenario, strings.Join(k.caught, " or "), violated(r), answer})
	}
	for _, name := range storms {
		row, err := l.clean(ctx, name, f.clean)
		if err != nil {
			return err
		}
		good = good && strings.HasPrefix(row.answer, "clean")
		rows = append(rows, row)
	}
	if !good {
		return verdictError{sim.Fail}
	}
	return nil
}

// clean runs a storm several times without any bug: an asynchronous pipeline must
// violate nothing. The synchronous one is naive without a bug, too; it must not
// violate what catches the bugs of this storm, or that would prove nothing.
func (l *testbed) clean(ctx context.Context, name string, repeats int) (selftestRow, error) {
	row := selftestRow{"none", name, "nothing", "nobody", fmt.Sprintf("clean, %d of %d", repeats, repeats)}
	for n := range repeats {
		r, err := l.storm(ctx, name, "", n+1)
		if err != nil {
			return row, err
		}
		for variant, v := range r.Variants {
			bad := v.Verdict != sim.Pass
			if variant == "sync" {
				bad = v.Trials[0].Doubtful || caught(r, catchers(name))
				row.seen = violated(r)
			}
			if bad {
				row.seen, row.answer = violated(r), fmt.Sprintf("%s in repeat %d: %s", v.Verdict, n+1, strings.Join(r.Reasons, "; "))
				return row, nil
			}
		}
	}
	return row, nil
}

// catchers returns the invariants that catch the bugs of a storm.
func catchers(scenario string) (invariants []string) {
	for _, k := range selftestCases {
		if k.scenario == scenario {
			invariants = append(invariants, k.caught...)
		}
	}
	return invariants
}

func printSelftest(out io.Writer, markdown bool, rows []selftestRow) {
	rows = append([]selftestRow{{"bug", "scenario", "expected of", "seen by", "answer"}}, rows...)
	if markdown {
		for i, r := range rows {
			fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", r.bug, r.scenario, r.expected, r.seen, r.answer)
			if i == 0 {
				fmt.Fprintln(out, "|---|---|---|---|---|")
			}
		}
		return
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.bug, r.scenario, r.expected, r.seen, r.answer)
	}
	w.Flush()
}

// caught reports whether a run violated any of these invariants.
func caught(r *sim.Result, invariants []string) bool {
	for _, v := range r.Variants {
		for _, inv := range v.Audit.Invariants {
			if inv.Violations > 0 && slices.Contains(invariants, inv.Name) {
				return true
			}
		}
	}
	return false
}

// storm runs one storm with a bug ("" for none) into a directory of its own.
func (l *testbed) storm(ctx context.Context, name, bug string, n int) (*sim.Result, error) {
	text, file, err := scenarios.Selftest(name)
	if err != nil {
		return nil, err
	}
	sc, err := scenarios.Parse(file, text, catalog())
	if err != nil {
		return nil, err
	}
	sc.Seed += uint64(n - 1)
	label := bug
	if bug == "" {
		label = fmt.Sprintf("none-%s-%d", name, n)
	}
	var bugs []string
	if bug != "" {
		bugs = []string{bug}
	}
	return l.run(ctx, label, loaded{name: file, scenario: sc, text: string(text), file: file}, bugs...)
}

// violated names the invariants that a run violated, with how often.
func violated(r *sim.Result) string {
	var names []string
	for _, v := range r.Variants {
		for _, inv := range v.Audit.Invariants {
			if inv.Violations > 0 {
				names = append(names, fmt.Sprintf("%s (%d)", inv.Name, inv.Violations))
			}
		}
	}
	if len(names) == 0 {
		return "nobody"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
