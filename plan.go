package squall

import (
	"fmt"
	"slices"
	"strings"

	"squall/reports"
	"squall/scenarios"
	"squall/sim"
	"squall/sim/backend"
	"squall/sim/host"
	"squall/sim/load"
	"squall/sim/run"
)

// Plan shows the timeline of a scenario, before anything starts.
func Plan(sc sim.Scenario) string {
	var b strings.Builder
	cat := Catalog()
	s := load.NewSchedule(sc)
	fmt.Fprintf(&b, "%s: %s\n", sc.Name, sc.Summary)
	fmt.Fprintf(&b, "seed %d, %d requests (%s) in %s, schedule %.16s\n\n",
		sc.Seed, len(s.At), sc.Load.Arrivals, sc.Load.Duration(), s.Digest())
	b.WriteString(reports.PlanChart(sc))
	b.WriteString("\nfaults\n")
	for i, f := range sc.Faults {
		b.WriteString(planFault(sc, cat, i+1, f))
	}
	if len(sc.Faults) == 0 {
		b.WriteString("  none\n")
	}
	b.WriteString("\ntrials\n ")
	for _, t := range run.Trials(sc) {
		b.WriteString(" " + t.Name)
	}
	if len(sc.Steady) > 0 {
		b.WriteString("\n\nsteady state, before the first fault\n  " + strings.Join(sc.Steady, "\n  "))
	}
	if len(sc.Stop) > 0 {
		b.WriteString("\n\nstop as soon as\n  " + strings.Join(sc.Stop, "\n  "))
	}
	if differs := host.Describe().Differs; len(differs) > 0 {
		b.WriteString("\n\non this system\n  " + strings.Join(differs, "\n  "))
	}
	b.WriteString("\n\nexpect\n")
	left := map[string]string{}
	for _, u := range scenarios.LeftOut(sc, cat.Variants) {
		left[u.Text] = fmt.Sprintf("  (left out: %s is not run)", strings.Join(u.Missing, ", "))
	}
	for _, e := range sc.Expect {
		fmt.Fprintf(&b, "  %s%s\n", e, left[e])
	}
	return b.String()
}

// PlanOn refuses a scenario that servers could not do: those of a set, or a broker
// and a database, such as "rabbitmq,sqlite".
func PlanOn(sc sim.Scenario, name string) error {
	chosen, err := parseBacking(name)
	if err != nil {
		return err
	}
	return refuse(chosen, sc)
}

// planFault says when a fault is due, and what it takes hold of in each variant.
func planFault(sc sim.Scenario, cat scenarios.Catalog, number int, f sim.FaultSpec) string {
	var b strings.Builder
	kind := cat.Faults[f.Kind]
	until := "the end of the load"
	if span := kind.Span(f); span > 0 {
		until = (f.At + span).String()
	}
	fmt.Fprintf(&b, "  %d  %s to %s  %s %s", number, f.At, until, f.Kind, f.Target)
	for _, field := range kind.Fields {
		if v, given := f.Params[field.Name]; given {
			fmt.Fprintf(&b, " %s=%v", field.Name, v)
		}
	}
	if where := backend.Where(kind); where != "" {
		fmt.Fprintf(&b, "  (needs %s)", where)
	}
	b.WriteString("\n")
	for _, v := range sc.Variants {
		fmt.Fprintf(&b, "       %-6s %s\n", v, planTarget(sc, kind, f, cat.Systems[v]))
	}
	return b.String()
}

func planTarget(sc sim.Scenario, kind sim.FaultKind, f sim.FaultSpec, s sim.System) string {
	t, err := kind.Resolve(f.Target, s)
	if err != nil {
		return "not applicable: " + err.Error()
	}
	var what []string
	if t.Service != "" {
		replicas := sc.Services[t.Service].Replicas
		hit := replicas
		if slices.ContainsFunc(kind.Fields, func(f sim.Field) bool { return f.Name == "count" }) {
			hit = min(f.Int("count", 1), replicas)
		}
		what = append(what, fmt.Sprintf("%d of %d replicas of %s", hit, replicas, t.Service))
	}
	for _, l := range t.Links {
		what = append(what, l.Name())
	}
	for _, q := range t.Queues {
		what = append(what, "the queue of "+q.Service)
	}
	if t.Server != "" && kind.Class == sim.TargetServer {
		what = append(what, "the "+t.Server)
	}
	return strings.Join(what, ", ")
}
