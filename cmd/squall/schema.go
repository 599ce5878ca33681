package main

import (
	"github.com/spf13/cobra"

	"squall"
	"squall/reports"
	"squall/scenarios"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:       "schema [scenario|result]",
		Short:     "Print the JSON Schema of scenario files (for editors) or of result.json (for programs)",
		ValidArgs: []string{"scenario", "result"},
		Args:      args(cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs)),
		RunE: func(c *cobra.Command, of []string) error {
			schema := scenarios.Schema(squall.Catalog())
			if len(of) == 1 && of[0] == "result" {
				schema = reports.ResultSchema()
			}
			_, err := c.OutOrStdout().Write(schema)
			return err
		},
	}
}
