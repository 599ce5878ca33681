package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"squall/reports"
	"squall/scenarios"
	"squall/sim"
)

func newReport() *cobra.Command {
	var format, file string
	c := &cobra.Command{
		Use:   "report RUN... | FOLDER",
		Short: "Write a run's report again, one of several runs, or an index of a folder of runs",
		Long: `Write the report of a run again, from its files alone.

Several runs of one scenario are laid over each other on one page, with what is
not the same in them. A folder of runs gets an index page.`,
		Example: "  squall report runs/20260102T030405-consumer-kill --format md\n  squall report runs/monday runs/tuesday --out comparison.html\n  squall report runs",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			if len(a) > 1 {
				if format != "html" {
					return usageError{fmt.Errorf("--format: saw %q for several runs, expected html", format)}
				}
				return writeOverlay(c.OutOrStdout(), a, file)
			}
			dir, info, err := sim.ReadRun(a[0])
			if entries := runsIn(a[0]); err != nil && len(entries) > 0 && format == "html" {
				return writeIndex(c.OutOrStdout(), a[0], entries)
			}
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
	c.Flags().StringVar(&file, "out", "comparison.html", "where the page of several runs goes")
	return c
}

// writeOverlay writes the page of several runs.
func writeOverlay(out io.Writer, names []string, file string) error {
	var entries []reports.IndexEntry
	for _, name := range names {
		dir, info, err := sim.ReadRun(name)
		if err != nil {
			return usageError{err}
		}
		r, err := judge(dir, info)
		if err != nil {
			return err
		}
		entries = append(entries, reports.IndexEntry{Folder: name, Info: info, Result: r})
	}
	page, err := reports.Overlay(entries)
	if err != nil {
		return usageError{err}
	}
	if err := sim.WriteFile(file, page); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "comparison of %d runs: %s\n", len(names), file)
	return err
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
		err = printJSON(out, r)
	case "junit":
		b, junitErr := reports.JUnit(info, r, scenarios.Audited(r, catalog().Variants))
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

// printJSON writes a value for programs.
func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// runsIn reads the runs that are in a folder; what is no run is passed over.
func runsIn(folder string) (entries []reports.IndexEntry) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	for _, f := range files {
		dir, info, err := sim.ReadRun(filepath.Join(folder, f.Name()))
		if err != nil {
			continue
		}
		e := reports.IndexEntry{Folder: f.Name(), Info: info}
		if b, err := os.ReadFile(dir.ResultFile()); err == nil {
			var r sim.Result
			if json.Unmarshal(b, &r) == nil && r.Schema == sim.ResultSchema {
				e.Result = &r
			}
		}
		entries = append(entries, e)
	}
	return entries
}

// writeIndex writes the page that lists the runs of a folder into it.
func writeIndex(out io.Writer, folder string, entries []reports.IndexEntry) error {
	page, err := reports.Index(folder, entries)
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "index.html")
	if err := sim.WriteFile(file, page); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "index of %d runs: %s\n", len(entries), file)
	return err
}
