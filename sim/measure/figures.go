package measure

import "squall/sim"

// figures is the one list of figures. The report's tables and glossary, the gate,
// thresholds, expectations on a trial under way, the benchmark format and the
// documentation read it: a new figure is one entry here and a test of what it
// reads. The order is that of comparisons; Row orders the report's table.
var figures = []sim.Figure{
	// What clients saw.
	{
		Name: "accept p50", Means: "median of answer - intended", Term: "accept",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "accept.p50", Live: true,
		Unit: "accept-p50-ms", Compare: &sim.Comparing{MinEffect: 0.10, Floor: 1}, Row: 10, Brief: true, Read: accept(sim.P50),
	},
	{
		Name: "accept p90", Means: "90th percentile of answer - intended", Term: "accept",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "accept.p90", Live: true, Read: accept(sim.P90),
	},
	{
		Name: "accept p99", Means: "99th percentile of answer - intended", Term: "accept",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "accept.p99", Live: true,
		Unit: "accept-p99-ms", Compare: &sim.Comparing{MinEffect: 0.15, Floor: 1}, Row: 20, Brief: true, Read: accept(sim.P99),
	},
	{
		Name: "accept p999", Means: "99.9th percentile of answer - intended", Term: "accept",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "accept.p999", Live: true, Read: accept(sim.P999),
	},
	{
		Name: "accept max", Means: "the longest answer - intended", Term: "accept",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "accept.max", Live: true, Row: 30, Read: accept(sim.Max),
	},
	{
		Name: "accept mean", Means: "mean of answer - intended", Term: "accept",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "accept.mean", Live: true, Read: accept(sim.Mean),
	},
	{
		Name: "requests", Means: "requests that were sent", Term: "accept", Kind: sim.KindCount, Path: "accept.count", Live: true,
		Read: func(m sim.Measured) sim.Reading { return count(int(m.Accept.Count)) },
	},
	{
		Name: "outcome ok", Means: "orders that were promised", Term: "ok",
		Kind: sim.KindCount, Better: sim.MoreIsBetter, Path: "accept.ok", Live: true,
		Read: func(m sim.Measured) sim.Reading { return count(m.Accept.OK) },
	},
	{
		Name: "outcome fail", Means: "requests that definitely had no effect", Term: "fail",
		Kind: sim.KindCount, Better: sim.LessIsBetter, Path: "accept.fail", Live: true,
		Read: func(m sim.Measured) sim.Reading { return count(m.Accept.Fail) },
	},
	{
		Name: "outcome info", Means: "requests whose effect nobody told", Term: "info",
		Kind: sim.KindCount, Better: sim.LessIsBetter, Path: "accept.info", Live: true,
		Read: func(m sim.Measured) sim.Reading { return count(m.Accept.Info) },
	},

	// When orders were done, and the services agreed on them.
	{
		Name: "complete p50", Means: "median of terminal state committed - intended", Term: "complete",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "complete.p50",
		Unit: "complete-p50-ms", Compare: &sim.Comparing{MinEffect: 0.10, Floor: 1}, Row: 60, Read: complete(sim.P50),
	},
	{
		Name: "complete p90", Means: "90th percentile of terminal state committed - intended", Term: "complete",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "complete.p90", Read: complete(sim.P90),
	},
	{
		Name: "complete p99", Means: "99th percentile of terminal state committed - intended", Term: "complete",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "complete.p99",
		Unit: "complete-p99-ms", Compare: &sim.Comparing{MinEffect: 0.15, Floor: 1}, Row: 70, Brief: true, Read: complete(sim.P99),
	},
	{
		Name: "complete p999", Means: "99.9th percentile of terminal state committed - intended", Term: "complete",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "complete.p999", Read: complete(sim.P999),
	},
	{
		Name: "complete max", Means: "the longest terminal state committed - intended", Term: "complete",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "complete.max", Read: complete(sim.Max),
	},
	{
		Name: "complete mean", Means: "mean of terminal state committed - intended", Term: "complete",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "complete.mean", Read: complete(sim.Mean),
	},
	{
		Name: "lag p50", Title: "convergence lag p50", Means: "median of last commit - the client's answer", Term: "lag",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.convergence.p50",
		Unit: "lag-p50-ms", Compare: &sim.Comparing{MinEffect: 0.10, Floor: 1}, Row: 80, Read: lag(sim.P50),
	},
	{
		Name: "lag p90", Title: "convergence lag p90", Means: "90th percentile of last commit - the client's answer", Term: "lag",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.convergence.p90", Read: lag(sim.P90),
	},
	{
		Name: "lag p99", Title: "convergence lag p99", Means: "99th percentile of last commit - the client's answer", Term: "lag",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.convergence.p99",
		Unit: "lag-p99-ms", Compare: &sim.Comparing{MinEffect: 0.15, Floor: 1}, Row: 90, Brief: true, Read: lag(sim.P99),
	},
	{
		Name: "lag p999", Title: "convergence lag p999", Means: "99.9th percentile of last commit - the client's answer", Term: "lag",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.convergence.p999", Read: lag(sim.P999),
	},
	{
		Name: "lag max", Title: "convergence lag max", Means: "the longest last commit - the client's answer", Term: "lag",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.convergence.max", Read: lag(sim.Max),
	},
	{
		Name: "lag mean", Title: "convergence lag mean", Means: "mean of last commit - the client's answer", Term: "lag",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.convergence.mean", Read: lag(sim.Mean),
	},
	{
		Name: "never converged", Means: "orders still half done when the trial ended", Term: "censored",
		Kind: sim.KindCount, Better: sim.LessIsBetter, Path: "lag.convergence.censored", Row: 110, Brief: true,
		Read: asked(func(m sim.Measured) float64 { return float64(m.Lag.Convergence.Censored) }),
	},
	{
		Name: "visibility lag p50", Means: "median of the time until every read shows the final state", Term: "visibility",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.visibility.lag.p50", Read: visible(sim.P50),
	},
	{
		Name: "visibility lag p99", Means: "until every read shows the final state", Term: "visibility",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "lag.visibility.lag.p99", Row: 100, Read: visible(sim.P99),
	},

	// How many orders a second.
	{
		Name: "throughput", Title: "completed per second", Means: "orders in a terminal state", Term: "rates",
		Kind: sim.KindPerSecond, Better: sim.MoreIsBetter, Path: "throughput.completed",
		Unit: "completed/s", Compare: &sim.Comparing{MinEffect: 0.03}, Row: 50, Brief: true,
		Read: asked(func(m sim.Measured) float64 { return m.Throughput.Completed }),
	},
	{
		Name: "offered", Title: "offered per second", Means: "requests that were due", Term: "rates",
		Kind: sim.KindPerSecond, Path: "throughput.offered", Live: true,
		Read: asked(func(m sim.Measured) float64 { return m.Throughput.Offered }),
	},
	{
		Name: "accepted", Title: "accepted per second", Means: "orders that were promised", Term: "rates",
		Kind: sim.KindPerSecond, Better: sim.MoreIsBetter, Path: "throughput.accepted", Live: true,
		Read: asked(func(m sim.Measured) float64 { return m.Throughput.Accepted }),
	},

	// What went wrong, and for how long.
	{
		Name: "error rate", Title: "errors", Means: "requests that failed, or whose effect nobody told", Term: "errors",
		Kind: sim.KindShare, Better: sim.LessIsBetter, Path: "accept.error_rate", Live: true,
		Unit: "error-rate", Compare: &sim.Comparing{MinEffect: 0.005, Absolute: true}, Row: 40, Brief: true,
		Read: asked(func(m sim.Measured) float64 { return m.Accept.ErrorRate }),
	},
	{
		Name: "recovery", Means: "the longest time from a fault's heal until its traces were gone", Term: "recovery",
		Kind: sim.KindSeconds, Better: sim.LessIsBetter, Unit: "recovery-s", Compare: &sim.Comparing{MinEffect: 2, Absolute: true},
		Read: recovered,
	},
	{
		Name: "backlog", Title: "largest backlog", Means: "the most orders and messages on their way at once", Term: "backlog",
		Kind: sim.KindCount, Better: sim.LessIsBetter, Path: "backlog.peak", Live: true,
		Read: func(m sim.Measured) sim.Reading { return sim.Exactly(m.BacklogPeak) },
	},

	// What it took.
	{
		Name: "CPU per order", Title: "CPU per completed order", Means: "of all processes and servers", Term: "cpu",
		Kind: sim.KindMilliseconds, Better: sim.LessIsBetter, Path: "resources.cpu_ms_per_completed",
		Unit: "cpu-ms/order", Compare: &sim.Comparing{MinEffect: 0.10}, Row: 130, Brief: true,
		Read: metered(func(m sim.Measured) float64 { return m.Resources.CPUMSPerCompletion }),
	},
	{
		Name: "memory", Title: "peak memory", Means: "of all processes and servers", Term: "memory",
		Kind: sim.KindBytes, Better: sim.LessIsBetter, Path: "resources.max_rss_bytes", Row: 140,
		Read: metered(func(m sim.Measured) float64 { return m.Resources.MaxRSSBytes }),
	},

	// The gate compares each invariant by itself, so this one has no Compare.
	{
		Name: "violations", Title: "invariant violations", Means: "lost, charged wrongly, oversold, ...: see the audit", Term: "violations",
		Kind: sim.KindViolations, Better: sim.LessIsBetter, Path: "audit.violations", Unit: "violations", Row: 120, Brief: true,
		Read: func(m sim.Measured) sim.Reading { return count(m.Audit.Violations) },
	},
}

// Term is a word of the glossary with its definition.
type Term struct{ ID, Name, Means string }

// terms are the definitions of what is measured, in the order of the glossary. The
// report's glossary adds the words of its own.
var terms = []Term{
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
	{"recovery", "recovery",
		"from a fault's heal until the backlog is no larger, and the accept p99 within 10 % of what it was, in the " +
			"five seconds before the fault"},
	{"late", "late", "requests sent more than 50 ms after they were due; over 1 % of them, or one unsent, make the trial unknown"},
	{"drain", "drained in", "from the last answer to the last commit"},
}
