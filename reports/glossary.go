package reports

import (
	"fmt"
	"strings"
)

// term is a figure's name with its definition. The list is the one place for it:
// the report shows it where the figure stands, and docs/reading-a-report.md has
// the same words.
type term struct {
	ID, Name, Means string
}

var glossary = []term{
	{"intended", "intended", "the moment at which the schedule says that a request is due, whether or not the client managed to send it then"},
	{"ok", "outcome ok", "a 2xx answer: the order is promised"},
	{"fail", "outcome fail", "a 4xx answer or a refused connection: definitely without effect"},
	{"info", "outcome info", "5xx, timeout, cut connection: nobody says how far the work got"},
	{"errors", "errors", "(fail + info) / all requests"},
	{"accept", "accept latency", "answer - intended, over all requests"},
	{"service", "service latency", "answer - actual send; where it is shorter than the accept latency, requests waited for the client"},
	{"complete", "complete latency", "commit of the terminal state - intended, for accepted orders"},
	{"lag", "convergence lag", "max(0, last commit of any service for the order - the client's answer); ≥ marks a lower bound"},
	{"censored", "never converged",
		"orders half done when the trial ended: right-censored in the lag, whose quantiles are product-limit estimates"},
	{"visibility", "visibility lag",
		"of a sample of orders that is read back: the client's answer to the first read from which on every read shows " +
			"the final state"},
	{"t-visibility", "t-visibility", "the share of reads, asked for so long after the final state was told, that show it"},
	{"rates", "offered, accepted, completed per second",
		"in tables by when the order was due, over the phases that count; in charts by when it happened"},
	{"backlog", "backlog", "requests in hand + outbox + queues + unacknowledged + waiting for a retry; what is parked is apart"},
	{"violations", "invariant violations",
		"orders that the audit found lost, charged wrongly, oversold or half done, counted for each invariant"},
	{"cpu", "CPU per completed order", "CPU time of all processes and servers under test / orders in a terminal state"},
	{"memory", "peak memory", "sum of the largest resident sizes of processes and servers under test"},
	{"difference", "difference",
		"of the second variant from the first. With three or more trials of each: the interval in which the difference " +
			"lies (Hodges-Lehmann, Mann-Whitney), and how sure that is"},
	{"better", "better",
		"the better of two figures is marked when they differ by more than 5 % and, with four or more trials of each, " +
			"when the interval leaves no doubt on the direction; none is marked when a trial of either is in doubt"},
	{"evidence", "evidence", "what proves that a fault took hold; without it the trial is unknown"},
	{"recovery", "recovery",
		"from a fault's heal until the backlog is no larger, and the accept p99 within 10 % of what it was, in the " +
			"five seconds before the fault"},
	{"late", "late", "requests sent more than 50 ms after they were due; over 1 % of them, or one unsent, make the trial unknown"},
	{"drain", "drained in", "from the last answer to the last commit"},
	{"schedule", "schedule", "the digest of all requests with their moments: the same for every trial, or they could not be compared"},
	{"trace", "trace id", "what an order's requests and messages carry through every service (W3C traceparent)"},
}

// meaning returns the definition of a term; one that is missing is a mistake of
// this package.
func meaning(id string) term {
	for _, t := range glossary {
		if t.ID == id {
			return t
		}
	}
	panic(fmt.Sprintf("reports: no term %q", id))
}

// GlossaryTable is the glossary as a table in Markdown, for the documentation.
func GlossaryTable() string {
	var b strings.Builder
	b.WriteString("| figure | definition |\n|---|---|\n")
	for _, t := range glossary {
		fmt.Fprintf(&b, "| %s | %s |\n", t.Name, t.Means)
	}
	return b.String()
}
