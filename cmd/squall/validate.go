package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"squall"
	"squall/scenarios"
)

func newValidate() *cobra.Command {
	return &cobra.Command{
		Use:   "validate SCENARIO...",
		Short: "Check scenario files and report every problem with file:line:column",
		Args:  args(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, names []string) error {
			var problems scenarios.Problems
			for _, name := range names {
				sc, err := squall.ReadScenario(name)
				var p scenarios.Problems
				switch {
				case errors.As(err, &p):
					problems = append(problems, p...)
				case err != nil: // a file that cannot be read is one of the bad ones
					problems = append(problems, scenarios.Problem{Text: err.Error()})
				default:
					fmt.Fprintf(c.OutOrStdout(), "%s: good\n", sc.File)
				}
			}
			if len(problems) > 0 {
				return problems
			}
			return nil
		},
	}
}
