package reports

import (
	"fmt"
	"strings"

	"squall/sim"
)

// targetWords says what a class of faults is aimed at.
var targetWords = map[string]string{
	sim.TargetProcess: "a service: its processes",
	sim.TargetLink:    "a link: a service's name for the edge over which work reaches it, `client`, `broker`, `database` (which the embedded backing has without a network), `provider`, or an exact `from->to`",
	sim.TargetQueue:   "a service that takes its work from a queue: `orders`, `inventory`, `payment` or `shipping`",
}

// groupWords says what a group of faults is about.
var groupWords = map[string]string{
	"process":    "Processes of the services",
	"network":    "Links between processes, and to the servers",
	"broker":     "The broker",
	"messages":   "Messages before a service that it did not ask for",
	"dependency": "What the services depend on: the database and the payment provider",
}

// FaultsPage is the page docs/faults.md, made from the registry of faults.
func FaultsPage(kinds []sim.FaultKind) string {
	var b strings.Builder
	b.WriteString("# Faults\n\nThis page is made from the registry: `squall list faults --markdown`. A fault without evidence makes its trial unknown.\n\n| fault | group | what it does | backing |\n|---|---|---|---|\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "| [%s](#%[1]s) | %s | %s | %s |\n", k.Name, k.Group, k.Summary, BackingWords(k))
	}
	group := ""
	for _, k := range kinds {
		if k.Group != group {
			group = k.Group
			fmt.Fprintf(&b, "\n## %s\n\nColour in the report: `%s`.\n", groupWords[group], k.Colour())
		}
		b.WriteString(faultSection(k))
	}
	b.WriteString("\n## Several faults\n\nFaults may overlap. Two that take hold of one thing at one time (the processes of one service, one link, one server with the links to it, one queue) are refused when the scenario is read: neither their effects nor their evidence could be told apart.\n\n" +
		"Instead of a list, `faults: { random: { from: [kill, pause, latency], every: 6s, for: 1s..4s, seed: 11 } }` draws faults of these kinds by the seed: every so often one, on a target that all variants have. `squall plan` prints them.\n")
	return b.String()
}

// BackingWords says which backings have a fault.
func BackingWords(k sim.FaultKind) string {
	switch {
	case k.Nodes > 1:
		return fmt.Sprintf("%s, with %d nodes", strings.Join(k.Backings, ", "), k.Nodes)
	case len(k.Backings) > 0:
		return strings.Join(k.Backings, ", ")
	}
	return "every"
}

func faultSection(k sim.FaultKind) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n", k.Name, sentenceCase(k.Summary))
	target := targetWords[k.Class]
	if k.Only != "" {
		target = "`" + k.Only + "`"
	}
	needs := "the " + strings.Join(k.Backings, " or ") + " backing"
	if len(k.Backings) == 0 {
		needs = "no particular backing, and no privilege"
	}
	if k.Nodes > 1 {
		needs += fmt.Sprintf(", with `backing: { rabbitmq: { nodes: %d } }`", k.Nodes)
	}
	if k.Condition != "" {
		needs += "; " + k.Condition
	}
	fmt.Fprintf(&b, "- target: %s\n- needs: %s\n- evidence: %s\n- heal: %s\n- example: `- %s`\n", target, needs, k.Evidence, k.Heals, k.Example)
	for _, more := range k.More {
		fmt.Fprintf(&b, "- or: `- %s`\n", more)
	}
	if k.NeedsFor {
		b.WriteString("- `for`: how long it lasts (required)\n")
	}
	for _, f := range k.Fields {
		need := ""
		if f.Required {
			need = ", required"
		}
		words := ""
		if len(f.Words) > 0 {
			words = ": one of " + strings.Join(f.Words, ", ")
		}
		fmt.Fprintf(&b, "- `%s` (%s%s%s): %s\n", f.Name, f.Type, words, need, f.Help)
	}
	return b.String()
}

func sentenceCase(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
