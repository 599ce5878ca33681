package scenarios

import (
	"fmt"
	"strings"
)

// key is what there is to know about one key of a scenario file. The schema and
// docs/scenario-file.md both take their texts from here; a test holds the page to
// it.
type key struct {
	path    string // NAME, FIGURE and KIND stand for any; [] for an element of a list
	text    string
	missing string // the value that it has when it is missing
	without string // what happens when it is missing, where no value says that
}

const needed = "it must be there"

// scenarioKeys are all keys, in the order of the page.
var scenarioKeys = []key{
	{path: "name", text: "lower case letters, digits and dashes, 64 at most", without: needed},
	{path: "summary", text: "one sentence, shown in the report"},
	{path: "claim", text: "the claim that the scenario measures, such as C7 (squall list claims)"},
	{path: "seed", text: "decides arrivals, orders and which replicas faults hit; the same in every variant and repeat", missing: "1"},
	{path: "load", text: "the traffic", without: needed},
	{path: "load.arrivals", text: "poisson (at random) or uniform (evenly spaced)", missing: "poisson"},
	{path: "load.timeout", text: "of one request", missing: "5s"},
	{path: "load.phases", text: "one after another; together they are at most 24h and about 5000000 requests", without: needed},
	{path: "load.phases[].name", text: "shown in the report", without: "phase-1, phase-2, ..."},
	{path: "load.phases[].for", text: "how long the phase lasts", without: needed},
	{path: "load.phases[].rate", text: "requests per second or minute, 150/s or 9000/m; or a ramp, 150/s..900/s", without: needed},
	{path: "load.phases[].discard", text: "true: what is due in it is checked, but is no part of the figures", missing: "false"},
	{path: "probes", text: "orders that are read back while the load runs, to see when their state shows"},
	{path: "probes.share", text: "which share of the accepted orders is read back", missing: "3%"},
	{path: "probes.every", text: "how often each of them is read, until it shows its final state", missing: "25ms"},
	{path: "orders", text: "what is ordered"},
	{path: "orders.skus", text: "how many articles there are", missing: "500"},
	{path: "orders.popularity", text: "how orders spread over the articles: uniform, or zipf with its exponent", missing: "zipf 1.1"},
	{path: "orders.stock", text: "first stock of each article", missing: "1000000"},
	{path: "services", text: "how each service is set up, the same in every variant"},
	{path: "services.NAME", text: "orders, inventory, payment, shipping, or provider: the payment provider"},
	{path: "services.NAME.replicas", text: "processes of the service, from 1 to 64; the provider has one", missing: "2"},
	{path: "services.NAME.workers", text: "orders worked on at once, per replica", missing: "8", without: "256 for the provider"},
	{path: "services.NAME.work", text: "how long the work on an order takes: a duration, or median and p99", missing: "0s"},
	{path: "services.NAME.work.median", text: "half of the orders take less", missing: "0s"},
	{path: "services.NAME.work.p99", text: "99 of 100 take less; the times are log-normal", without: "the median: all take the same time"},
	{path: "services.NAME.timeout", text: "of the calls to other services; not for the provider", missing: "2s"},
	{path: "services.NAME.prefetch", text: "messages taken and not yet settled, per replica; not for the provider", missing: "64"},
	{path: "services.NAME.delivery_limit", text: "deliveries of a message, then it is set aside; not for the provider", missing: "20"},
	{path: "services.NAME.transit", text: "shipping only: from the shipment of an order to its delivery", missing: "0s"},
	{path: "services.NAME.declines", text: "provider only: which share of the charges is declined", missing: "0%"},
	{path: "services.NAME.errors", text: "provider only: which share of the charges is answered with an error", missing: "0%"},
	{path: "backing", text: "what the scenario needs of the servers"},
	{path: "backing.rabbitmq", text: "of RabbitMQ, where it is the broker"},
	{path: "backing.rabbitmq.nodes", text: "a cluster of so many nodes, from 1 to 7", missing: "1"},
	{path: "faults", text: "a list of faults, or a mapping with the key random: faults that the seed draws", without: "none"},
	{path: "faults[].KIND", text: "the kind of the fault, and its target; exactly one (squall list faults)", without: needed},
	{path: "faults[].at", text: "when it is due, from the start of the first phase", without: needed},
	{path: "faults[].for", text: "how long it lasts; only for kinds that do not end by themselves"},
	{path: "faults.random", text: "one fault every so often, of a kind, on a target and for a time that the seed decides"},
	{path: "faults.random.from", text: "the kinds that are drawn from", without: needed},
	{path: "faults.random.every", text: "the time between two faults, 100ms or more; they are at most 10000", without: needed},
	{path: "faults.random.for", text: "how long each lasts: a duration, or a span such as 1s..4s", without: needed},
	{path: "faults.random.seed", text: "decides the faults", without: "the scenario's seed"},
	{path: "variants", text: "which variants are run, in which order (squall list variants)", without: "all"},
	{path: "repeats", text: "trials of each variant, from 1 to 1000; they interleave", missing: "1"},
	{path: "drain", text: "how long the system may take to come to rest after the load", missing: "60s"},
	{path: "steady", text: "conditions that must hold before the first fault", without: "none"},
	{path: "stop", text: "conditions that end the run early", without: "none"},
	{path: "expect", text: "expectations, over the result", without: "no violations in any variant"},
	{path: "compare", text: "when squall compare and squall bench call a figure better or worse", without: "as in docs/ci.md"},
	{path: "compare.FIGURE", text: "one of the figures that are compared, such as accept p99"},
	{path: "compare.FIGURE.alpha", text: "how likely it may be called so though it did not change",
		without: "as in docs/ci.md"},
	{path: "compare.FIGURE.min_effect", text: "the least difference that matters: a share, or for the recovery a duration",
		without: "as in docs/ci.md"},
}

// keyTable is the table of docs/scenario-file.md.
func keyTable() string {
	var b strings.Builder
	b.WriteString("| key | meaning | where it is missing |\n|---|---|---|\n")
	for _, k := range scenarioKeys {
		missing := k.without
		if k.missing != "" {
			missing = strings.TrimSuffix(fmt.Sprintf("`%s`, %s", k.missing, k.without), ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.path, k.text, missing)
	}
	return b.String()
}

// addTexts gives each property of a schema its description, by its path. A
// property that has one, as those of faults have, keeps it.
func addTexts(schema object, path string) {
	properties, _ := schema["properties"].(object)
	for name, s := range properties {
		at := path + "." + name
		switch path {
		case "":
			at = name
		case "services":
			at = "services.NAME"
		case "compare":
			at = "compare.FIGURE"
		}
		property := s.(object)
		for _, k := range scenarioKeys {
			if k.path == at && property["description"] == nil {
				property["description"] = k.text
			}
		}
		addTexts(property, at)
	}
	for _, branch := range []string{"then", "else"} {
		if s, ok := schema[branch].(object); ok {
			addTexts(s, path)
		}
	}
	if s, ok := schema["items"].(object); ok {
		addTexts(s, path+"[]")
	}
	all, _ := schema["allOf"].([]any)
	for _, s := range all {
		addTexts(s.(object), path)
	}
}
