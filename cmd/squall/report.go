package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"squall/reports"
	"squall/sim"
)

func newReport() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "report RUN",
		Short: "Write a run's report again, from its files alone",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			dir, info, err := sim.ReadRun(a[0])
			if err != nil {
				return usageError{err}
			}
			r, err := judge(dir, info)
			if err != nil {
				return err
			}
			switch format {
			case "html":
				if err := publish(dir, info, r); err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "report: %s\n", filepath.Join(a[0], "report.html"))
			case "md":
				fmt.Fprint(c.OutOrStdout(), reports.Markdown(info, r))
			case "json":
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(r)
			default:
				return usageError{fmt.Errorf("--format: saw %q, expected html, md or json", format)}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "html", "html (into the run directory), md or json (to stdout)")
	return c
}
