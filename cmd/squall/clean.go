package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"squall"
)

func newClean() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Remove the containers and networks that an earlier, killed squall left",
		Args:  args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			removed, found, err := squall.Clean(c.Context())
			for _, r := range removed {
				fmt.Fprintln(c.OutOrStdout(), "removed", r)
			}
			switch {
			case err != nil:
			case !found:
				fmt.Fprintln(c.OutOrStdout(), "nothing to clean: no container engine answers")
			case len(removed) == 0:
				fmt.Fprintln(c.OutOrStdout(), "nothing to clean")
			}
			return err
		},
	}
}
