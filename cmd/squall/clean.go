package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"squall/sim/backend"
)

func newClean() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Remove the containers and networks that an earlier, killed squall left",
		Args:  args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			engine, err := backend.FindEngine(c.Context())
			if err != nil {
				fmt.Fprintln(c.OutOrStdout(), "nothing to clean: no container engine answers")
				return nil
			}
			defer engine.Close()
			removed, err := engine.Reap(c.Context(), "")
			for _, r := range removed {
				fmt.Fprintln(c.OutOrStdout(), "removed", r)
			}
			if err == nil && len(removed) == 0 {
				fmt.Fprintln(c.OutOrStdout(), "nothing to clean")
			}
			return err
		},
	}
}
