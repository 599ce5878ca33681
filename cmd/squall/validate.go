package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

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
			var good strings.Builder
			for _, name := range names {
				sc, err := squall.ReadScenario(name)
				var p scenarios.Problems
				switch {
				case errors.As(err, &p):
					problems = append(problems, p...)
				case err != nil: // a file that cannot be read is one of the bad ones
					problems = append(problems, scenarios.Problem{Text: err.Error()})
				default:
					fmt.Fprintf(&good, "%s: good\n", sc.File)
				}
			}
			_, err := io.WriteString(c.OutOrStdout(), good.String())
			if len(problems) > 0 {
				return problems
			}
			return err
		},
	}
}
