package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"squall"
)

func newDoctor() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do, and how to mend what it lacks",
		Args:  args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			out := c.OutOrStdout()
			switch format {
			case "json":
				return printJSON(out, squall.Doctor(c.Context()))
			case "text":
			default:
				return usageError{fmt.Errorf("--format: saw %q, expected text or json", format)}
			}
			var said strings.Builder
			for _, f := range squall.Doctor(c.Context()) {
				if f.Good {
					fmt.Fprintf(&said, "ok     %s\n", f.What)
				} else {
					fmt.Fprintf(&said, "lacks  %s\n       %s\n", f.What, f.Fix)
				}
			}
			_, err := io.WriteString(out, said.String())
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	completeFlag(c, "format", words("text", "json"))
	return c
}
