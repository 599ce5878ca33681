package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"squall"
	"squall/reports"
	"squall/scenarios"
)

func newReport() *cobra.Command {
	var format, file string
	c := &cobra.Command{
		Use:   "report RUN... | FOLDER",
		Short: "Write a run's report again, one of several runs, or an index of a folder of runs",
		Long: `Write the report of a run again, from its files alone.

Several runs of one scenario are laid over each other on one page, with what is
not the same in them. A folder of runs gets an index page.`,
		Example: "  squall report runs/20260102T030405-consumer-kill --format md\n" +
			"  squall report runs/monday runs/tuesday --out comparison.html\n  squall report runs",
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			out := c.OutOrStdout()
			if len(a) > 1 {
				return writeOverlay(out, format, a, file)
			}
			r, err := squall.Judge(a[0])
			if err != nil && format == "html" {
				if index, n, indexErr := squall.WriteIndex(a[0]); indexErr != nil || n > 0 {
					return printed(out, indexErr, "index of %d runs: %s\n", n, index)
				}
			}
			if err != nil {
				return err
			}
			return writeReport(out, format, r)
		},
	}
	c.Flags().StringVar(&format, "format", "html", "html (into the run directory), md, json, junit or bench (to stdout)")
	completeFlag(c, "format", words("html", "md", "json", "junit", "bench"))
	c.Flags().StringVar(&file, "out", "comparison.html", "where the page of several runs goes")
	return c
}

// writeOverlay writes the page of several runs.
func writeOverlay(out io.Writer, format string, paths []string, file string) error {
	if format != "html" {
		return usageError{fmt.Errorf("--format: saw %q for several runs, expected html", format)}
	}
	return printed(out, squall.WriteOverlay(paths, file), "comparison of %d runs: %s\n", len(paths), file)
}

// printed says what was done, unless it failed.
func printed(out io.Writer, err error, text string, args ...any) error {
	if err == nil {
		_, err = fmt.Fprintf(out, text, args...)
	}
	return err
}

// writeReport writes a run's report in one of its formats.
func writeReport(out io.Writer, format string, r *squall.Result) (err error) {
	switch format {
	case "html":
		return printed(out, squall.Publish(r), "report: %s\n", r.Report())
	case "md":
		_, err = io.WriteString(out, reports.Markdown(r.Info, r.Result))
	case "json":
		err = printJSON(out, r.Result)
	case "junit":
		b, junitErr := reports.JUnit(r.Info, r.Result, scenarios.Audited(r.Result, squall.Catalog().Variants))
		if junitErr != nil {
			return junitErr
		}
		_, err = out.Write(b)
	case "bench":
		_, err = io.WriteString(out, reports.Bench(r.Info, r.Result))
	default:
		err = usageError{fmt.Errorf("--format: saw %q, expected html, md, json, junit or bench", format)}
	}
	return err
}

// printJSON writes a value for programs.
func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
