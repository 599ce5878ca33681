package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"squall"
	"squall/reports"
	"squall/sim/gate"
	"squall/sim/record"
)

// baselineDir is where baselines are kept unless --dir names another folder.
var baselineDir = filepath.Join(".squall", "baselines")

func newBaseline() *cobra.Command {
	var dir, format string
	c := &cobra.Command{
		Use:   "baseline",
		Short: "Keep runs to compare others with",
		Long: `Keep what is needed of a run to compare others with it: every trial's figures and
the histograms of all of them, in a file that is small enough to be committed. It
is kept under the scenario's digest and the class of the machine.`,
	}
	c.PersistentFlags().StringVar(&dir, "dir", baselineDir, "folder of the baselines")
	save := &cobra.Command{
		Use: "save RUN...", Short: "Keep a run, or several of one scenario together", Args: args(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			b, err := squall.ReadSides(a)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			file := filepath.Join(dir, b.FileName())
			if err := record.WriteJSON(file, b); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "baseline: %s\n", file)
			return err
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "List the baselines", Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			files, err := filepath.Glob(filepath.Join(dir, "*.json"))
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
			for _, file := range files {
				b, err := gate.ReadBaseline(file)
				if err != nil {
					_, _ = fmt.Fprintf(c.ErrOrStderr(), "%v\n", err) // the others are still listed
					continue
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", b.Scenario, b.Started.Format("2006-01-02"), b.Backing, trialsOf(b), file)
			}
			return w.Flush()
		},
	}
	show := &cobra.Command{
		Use: "show FILE", Short: "Show a baseline's figures", Args: args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			b, err := gate.ReadBaseline(a[0])
			if err != nil {
				return usageError{err}
			}
			switch format {
			case "bench":
				_, err = fmt.Fprint(c.OutOrStdout(), reports.BenchBaseline(b))
			case "text":
				_, err = fmt.Fprint(c.OutOrStdout(), reports.BaselineText(b))
			default:
				err = usageError{fmt.Errorf("--format: saw %q, expected text or bench", format)}
			}
			return err
		},
	}
	show.Flags().StringVar(&format, "format", "text", "text or bench")
	completeFlag(show, "format", words("text", "bench"))
	c.AddCommand(save, list, show)
	return c
}

// trialsOf says how many trials a baseline has of each variant.
func trialsOf(b gate.Baseline) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(b.Variants)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, len(b.Variants[name].Trials)))
	}
	return strings.Join(parts, ", ")
}
