package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"squall"
)

func newPlan() *cobra.Command {
	var f scenarioFlags
	var backend string
	c := &cobra.Command{
		Use:   "plan SCENARIO",
		Short: "Show the timeline of a scenario, before anything starts",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, names []string) error {
			sc, err := squall.ReadScenario(names[0], f.overrides()...)
			if err != nil {
				return err
			}
			if backend != "" {
				if err := squall.PlanOn(sc.Scenario, backend); err != nil {
					return err
				}
			}
			_, err = fmt.Fprint(c.OutOrStdout(), squall.Plan(sc.Scenario))
			return err
		},
	}
	f.add(c)
	c.Flags().StringVar(&backend, "backing", "",
		"refuse what these servers cannot do: container, embedded, or a broker and a database such as rabbitmq,sqlite")
	return c
}
