package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"squall/reports"
	"squall/sim/record"
)

func newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check RUN",
		Short: "Measure and judge a finished run again, from its files alone",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			dir, info, err := record.ReadRun(a[0])
			if err != nil {
				return usageError{err}
			}
			r, err := judge(dir, info)
			if err != nil {
				return err
			}
			if err := publish(dir, info, r); err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), reports.Terminal(info, r))
			return verdict(r)
		},
	}
}
