package main

import (
	"encoding/json"
	"fmt"
	"io"
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
			return writeReport(c.OutOrStdout(), format, a[0], dir, info, r)
		},
	}
	c.Flags().StringVar(&format, "format", "html", "html (into the run directory), md, json, junit or bench (to stdout)")
	return c
}

// writeReport writes a run's report in one of its formats.
func writeReport(out io.Writer, format, name string, dir sim.RunDir, info sim.RunInfo, r *sim.Result) (err error) {
	switch format {
	case "html":
		if err := publish(dir, info, r); err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "report: %s\n", filepath.Join(name, "report.html"))
	case "md":
		_, err = io.WriteString(out, reports.Markdown(info, r))
	case "json":
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	case "junit":
		b, junitErr := reports.JUnit(info, r)
		if junitErr != nil {
			return junitErr
		}
		_, err = out.Write(b)
	case "bench":
		_, err = io.WriteString(out, reports.Bench(info, r))
	default:
		err = usageError{fmt.Errorf("--format: saw %q, expected html, md, json, junit or bench", format)}
	}
	return err
}
