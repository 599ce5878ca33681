package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"squall/reports"
	"squall/sim/gate"
	"squall/sim/record"
)

func newTrend() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "trend RUN|BASELINE|FOLDER...",
		Short: "Write a page of every figure over saved results, with the points at which it changed",
		Long: `Write a page of every figure over many results of one scenario: run directories,
baselines, or folders of either. Where a figure changed for good is found by
E-divisive and marked; a single disturbed result is no change.`,
		Example: "  squall trend runs\n  squall trend trend/*.json --out trend.html",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			var all []gate.Baseline
			for _, path := range a {
				found, err := results(path)
				if err != nil {
					return err
				}
				all = append(all, found...)
			}
			page, err := reports.Trend(all)
			if err != nil {
				return usageError{err}
			}
			if err := record.WriteFile(file, page); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "trend of %d results: %s\n", len(all), file)
			return err
		},
	}
	c.Flags().StringVar(&file, "out", "trend.html", "where the page goes")
	return c
}

// results reads a run, a baseline, or all of either that are in a folder.
func results(path string) (all []gate.Baseline, err error) {
	files, err := os.ReadDir(path)
	if _, _, notRun := record.ReadRun(path); err != nil || notRun == nil {
		b, err := readSide(path)
		return []gate.Baseline{b}, err
	}
	for _, f := range files {
		inside := filepath.Join(path, f.Name())
		if _, _, err := record.ReadRun(inside); err != nil && (f.IsDir() || filepath.Ext(inside) != ".json") {
			continue
		}
		b, err := readSide(inside)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		return nil, usageError{fmt.Errorf("%s holds no runs and no baselines", path)}
	}
	return all, nil
}
