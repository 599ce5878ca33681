package main

import (
	"fmt"
	"strings"

	"squall/sim"
	"squall/sim/fault"
)

// targetWords says what a class of faults is aimed at.
var targetWords = map[string]string{
	sim.TargetProcess: "a service: its processes",
	sim.TargetLink:    "a link: a service's name for the edge over which work reaches it, `client`, `broker`, `database`, `provider`, or an exact `from->to`",
}

// faultsPage is docs/faults.md, made from the registry.
func faultsPage() string {
	var b strings.Builder
	b.WriteString("# Faults\n\nThis page is made from the registry: `squall list faults --markdown`. A fault without evidence makes its trial unknown.\n")
	for _, k := range fault.Sorted() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n", k.Name, sentenceCase(k.Summary))
		target := targetWords[k.Class]
		if k.Class == sim.TargetServer {
			target = "`" + k.Server + "`"
		}
		fmt.Fprintf(&b, "- target: %s\n- evidence: %s\n- heal: %s\n- example: `- %s`\n", target, k.Evidence, k.Heals, k.Example)
		if k.NeedsFor {
			b.WriteString("- `for`: how long it lasts (required)\n")
		}
		for _, f := range k.Fields {
			need := ""
			if f.Required {
				need = " (required)"
			}
			words := ""
			if len(f.Words) > 0 {
				words = "; one of " + strings.Join(f.Words, ", ")
			}
			fmt.Fprintf(&b, "- `%s` (%s%s): %s%s\n", f.Name, f.Type, words, f.Help, need)
		}
	}
	b.WriteString("\nInstead of a list, `faults: { random: { from: [kill, pause, latency], every: 6s, for: 1s..4s, seed: 11 } }` draws faults of these kinds by the seed: every so often one, on a target that all variants have. `squall plan` prints them.\n")
	return b.String()
}

func sentenceCase(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
