package main

import (
	"errors"
	"io"
	"strings"

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
			var said strings.Builder
			for _, r := range removed {
				said.WriteString("removed " + r + "\n")
			}
			switch {
			case err != nil:
			case !found:
				said.WriteString("nothing to clean: no container engine answers\n")
			case len(removed) == 0:
				said.WriteString("nothing to clean\n")
			}
			_, printErr := io.WriteString(c.OutOrStdout(), said.String())
			return errors.Join(err, printErr)
		},
	}
}
