package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"squall/reports"
	"squall/sim"
)

func newPlan() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "plan SCENARIO",
		Short: "Show the timeline of a scenario, before anything starts",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, names []string) error {
			l, err := readScenario(names[0], f)
			if err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), planText(l.scenario))
			return nil
		},
	}
	scenarioFlags(c, &f)
	return c
}

func planText(sc sim.Scenario) string {
	var b strings.Builder
	cat := catalog()
	s := sim.NewSchedule(sc)
	fmt.Fprintf(&b, "%s: %s\n", sc.Name, sc.Summary)
	fmt.Fprintf(&b, "seed %d, %d requests (%s) in %s, schedule %.16s\n\n", sc.Seed, len(s.At), sc.Load.Arrivals, sc.Load.Duration(), s.Digest())
	b.WriteString(reports.PlanChart(sc))
	b.WriteString("\nfaults\n")
	for i, f := range sc.Faults {
		span := cat.Faults[f.Kind].Span(f)
		until := "the end of the load"
		if span > 0 {
			until = (f.At + span).String()
		}
		fmt.Fprintf(&b, "  %d  %s to %s  %s %s\n", i+1, f.At, until, f.Kind, f.Target)
		for _, v := range sc.Variants {
			services, links, err := cat.Faults[f.Kind].Resolve(f.Target, cat.Systems[v])
			var what []string
			for _, s := range services {
				what = append(what, fmt.Sprintf("%d of %d replicas of %s", min(f.Int("count", 1), sc.Services[s].Replicas), sc.Services[s].Replicas, s))
			}
			for _, l := range links {
				what = append(what, l.Name())
			}
			if err != nil {
				what = []string{"not applicable: " + err.Error()}
			}
			fmt.Fprintf(&b, "       %-6s %s\n", v, strings.Join(what, ", "))
		}
	}
	if len(sc.Faults) == 0 {
		b.WriteString("  none\n")
	}
	b.WriteString("\ntrials\n ")
	for _, t := range sim.Trials(sc) {
		b.WriteString(" " + t.Name)
	}
	b.WriteString("\n\nexpect\n")
	for _, e := range sc.Expect {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	return b.String()
}
