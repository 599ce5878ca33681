package fault

import "squall/sim"

func init() {
	register(sim.FaultKind{
		Name: "provider-errors", Group: "dependency", Class: sim.TargetProcess, Only: "provider", Needs: []sim.Capability{sim.ProcessDegrade},
		Summary:  "has the payment provider answer a share of the charges with an error, having charged nothing",
		Evidence: "how many charges the provider was asked for, and how many of them it failed on purpose",
		Heals:    "the provider is told to work as before",
		Example:  "{ provider-errors: provider, at: 10s, for: 5s, percentage: 30% }",
		Fields:   []sim.Field{{Name: "percentage", Type: "share", Help: "of the charges (default: 100%)"}},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			how := sim.Degradation{Errors: c.Spec.Float("percentage", 1)}
			return newDegradation(c, c.Processes, how, func(n sim.DegradationReport) sim.Evidence {
				if n.Failed == 0 {
					return unknown("none of %d charges was failed", n.Charged)
				}
				return evident(map[string]float64{"charged": float64(n.Charged), "failed": float64(n.Failed)},
					"the provider failed %d of %d charges", n.Failed, n.Charged)
			})
		},
	})
}
