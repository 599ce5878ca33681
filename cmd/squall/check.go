package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"squall"
	"squall/reports"
)

func newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check RUN",
		Short: "Measure and judge a finished run again, from its files alone",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, a []string) error {
			r, err := squall.Judge(a[0])
			if err != nil {
				return err
			}
			if err := squall.Publish(r); err != nil {
				return err
			}
			if _, err := fmt.Fprint(c.OutOrStdout(), reports.Terminal(r.Info, r.Result)); err != nil {
				return unprinted{fmt.Errorf("%w\nthe verdict is %s", err, r.Verdict)}
			}
			return verdict(r.Verdict)
		},
	}
}
