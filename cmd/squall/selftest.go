package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"squall"
	"squall/cmd/squall/internal/live"
	"squall/sim"
)

func newSelftest() *cobra.Command {
	var o squall.SelftestOptions
	var markdown bool
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Prove that the audit catches what it promises to catch",
		Long: `Switch on one seeded bug of the pipeline after another, run each under the
storm that exposes it, and show whether an invariant caught it. Then run the
same storms without any bug: the asynchronous ones must violate nothing.

Exit codes: 0 every bug was caught and nothing else was, 1 not so, 3 squall
itself or a server failed.`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			show := live.New(c.ErrOrStderr(), false)
			defer show.Close()
			o.Observer = show
			rows, err := squall.Selftest(c.Context(), o)
			show.Close()
			if printErr := printSelftest(c.OutOrStdout(), markdown, rows); err == nil {
				err = printErr
			}
			if err == nil && slices.ContainsFunc(rows, func(r squall.SelftestRow) bool { return !r.Good }) {
				return verdictError{sim.Fail}
			}
			return err
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.Backing, "backing", "embedded", "servers: container or embedded")
	flags.StringSliceVar(&o.Bugs, "bug", nil, "only these bugs")
	flags.IntVar(&o.Clean, "clean", 1, "repeats of each storm without a bug")
	flags.BoolVar(&markdown, "markdown", false, "print the table as Markdown")
	flags.StringVar(&o.Dir, "out", "", "keep the run directories here (default: removed)")
	return c
}

// printSelftest prints the rows as a table.
func printSelftest(out io.Writer, markdown bool, rows []squall.SelftestRow) error {
	if len(rows) == 0 {
		return nil
	}
	head := squall.SelftestRow{Bug: "bug", Scenario: "scenario", Expected: "expected of", Seen: "seen by", Answer: "answer"}
	rows = append([]squall.SelftestRow{head}, rows...)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	for i, r := range rows {
		switch {
		case !markdown:
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Bug, r.Scenario, r.Expected, r.Seen, r.Answer)
		case i == 0:
			fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", r.Bug, r.Scenario, r.Expected, r.Seen, r.Answer)
		default:
			fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", r.Bug, r.Scenario, r.Expected, r.Seen, r.Answer)
		}
	}
	_ = w.Flush() // into a strings.Builder: it cannot fail
	_, err := io.WriteString(out, table.String())
	return err
}
