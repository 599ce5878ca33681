package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"squall"
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
			n, err := squall.WriteTrend(a, file)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "trend of %d results: %s\n", n, file)
			return err
		},
	}
	c.Flags().StringVar(&file, "out", "trend.html", "where the page goes")
	return c
}
