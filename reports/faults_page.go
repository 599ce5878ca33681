package reports

import (
	"cmp"
	"fmt"
	"strings"

	"squall/sim"
)

// targetWords says what a class of faults is aimed at.
var targetWords = map[string]string{
	sim.TargetProcess: "a service: its processes",
	sim.TargetLink: "a link: a service's name for the edge over which work reaches it, `client`, `broker`, " +
		"`database` (where that is reached over the network), `provider`, or an exact `from->to`",
	sim.TargetQueue: "a service that takes its work from a queue: `orders`, `inventory`, `payment` or `shipping`",
}

// groupWords says what a group of faults is about.
var groupWords = map[string]string{
	"process":    "Processes of the services",
	"network":    "Links between processes, and to the servers",
	"broker":     "The broker",
	"messages":   "Messages before a service that it did not ask for",
	"dependency": "What the services depend on: the database and the payment provider",
}

// FaultsPage is the page docs/faults.md, made from the registry of faults. where
// names the servers on which a fault can be had, "" for all; having names those
// that have a capability.
func FaultsPage(kinds []sim.FaultKind, where func(sim.FaultKind) string, having func(sim.Capability) []string) string {
	var b strings.Builder
	b.WriteString("# Faults\n\nThis page is made from the registry: `squall list faults --markdown`. " +
		"A fault without evidence makes its trial unknown.\n\n" +
		"| fault | group | what it does | needs | to be had on |\n|---|---|---|---|---|\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "| [%s](#%[1]s) | %s | %s | %s | %s |\n", k.Name, k.Group, k.Summary, NeedsWords(k), cmp.Or(where(k), "all"))
	}
	group := ""
	for _, k := range kinds {
		if k.Group != group {
			group = k.Group
			fmt.Fprintf(&b, "\n## %s\n\nColour in the report: `%s`.\n", groupWords[group], k.Colour())
		}
		b.WriteString(faultSection(k, where(k)))
	}
	b.WriteString(capabilityTable(having))
	b.WriteString("\n## Several faults\n\nFaults may overlap. Two that take hold of one thing at one time (the processes of one service, " +
		"one link, one server with the links to it, one queue) are refused when the scenario is read: " +
		"neither their effects nor their evidence could be told apart.\n\n" +
		"Instead of a list, `faults: { random: { from: [kill, pause, latency], every: 6s, for: 1s..4s, seed: 11 } }` draws faults " +
		"of these kinds by the seed: every so often one, on a target that all variants have. `squall plan` prints them.\n")
	return b.String()
}

// NeedsWords lists the capabilities that a fault needs.
func NeedsWords(k sim.FaultKind) string {
	var all []string
	for _, c := range k.Needs {
		all = append(all, string(c))
	}
	return strings.Join(all, ", ")
}

// capabilityTable says what each capability means and which servers have it.
func capabilityTable(having func(sim.Capability) []string) string {
	var b strings.Builder
	b.WriteString("\n## Capabilities\n\nWhat a fault needs must be possible with its target: a process, a link or a server. " +
		"Processes and links on this machine can do all that is listed of them. Servers differ, " +
		"and a fault that the chosen ones cannot have is refused before anything starts.\n\n" +
		"| capability | what can be done | servers that have it |\n|---|---|---|\n")
	for _, c := range sim.CapabilityList() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, c.Meaning, strings.Join(having(c.Name), ", "))
	}
	return b.String()
}

func faultSection(k sim.FaultKind, where string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n", k.Name, sentenceCase(k.Summary))
	target := targetWords[k.Class]
	if k.Only != "" {
		target = "`" + k.Only + "`"
	}
	needs := NeedsWords(k)
	if where != "" {
		needs += " (" + where + ")"
	}
	if k.Nodes > 1 {
		needs += fmt.Sprintf(": `backing: { rabbitmq: { nodes: %d } }`", k.Nodes)
	}
	if k.Condition != "" {
		needs += "; " + k.Condition
	}
	fmt.Fprintf(&b, "- target: %s\n- needs: %s\n- evidence: %s\n- heal: %s\n- example: `- %s`\n",
		target, needs, k.Evidence, k.Heals, k.Example)
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
