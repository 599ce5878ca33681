package main

import (
	"fmt"

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
			for _, f := range squall.Doctor(c.Context()) {
				mark := "ok   "
				if !f.Good {
					mark = "lacks"
				}
				fmt.Fprintf(out, "%s  %s\n", mark, f.What)
				if !f.Good {
					fmt.Fprintf(out, "       %s\n", f.Fix)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}
