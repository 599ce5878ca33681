package scenarios

// Claim is something that people say about synchronous and asynchronous
// systems, put so that a scenario can measure it.
type Claim struct{ ID, Text string }

// Claims returns every claim that a scenario can name.
func Claims() []Claim {
	return []Claim{
		{"C1", "at peak load a synchronous inventory on the critical path caps the throughput of everything"},
		{"C2", "while inventory is down every synchronous order fails; asynchronous ones are still accepted"},
		{"C3", "a slow inventory makes synchronous customers wait; asynchronous acceptance does not notice"},
		{"C4", "in a synchronous chain one failure reaches all callers"},
		{"C5", "asynchronous ingress answers at once, and the order's state follows"},
		{"C6", "more consumers carry more asynchronous orders"},
		{"C7", "the broker buffers: consumers may die, messages wait, and all are handled in the end"},
		{"C8", "failures that pass are retried until they have passed"},
		{"C9", "a queue levels a spike in the traffic"},
		{"C10", "when one part fails the others go on"},
		{"C11", "asynchronous parts disagree for a while: reads are stale, or contradict each other"},
		{"C12", "the broker itself adds latency, and wants tuning"},
		{"C13", "a broker is one more thing to run, and costs CPU and memory"},
		{"C14", "without dead-lettering and idempotent consumers, asynchronous work is lost or done twice"},
		{"C15", "an asynchronous order can only be followed by tracing its messages"},
		{"C16", "under heavy load the synchronous system uses many times the resources of the asynchronous one"},
		{"C17", "being asynchronous takes no queue: the gateway can hold the waiting request in memory"},
		{"C18", "an order's state should stay readable while no orders can be taken"},
		{"C19", "services can be restarted, scaled and deployed one at a time without an outage"},
		{"C20", "where the customer needs the outcome at once, synchronous is the right choice"},
		{"C21", "a versioned message contract lets old consumers and new producers work together"},
		{"C22", "a shared database couples services again: the load or lock of one stops the others"},
	}
}

func isClaim(id string) bool {
	for _, c := range Claims() {
		if c.ID == id {
			return true
		}
	}
	return false
}
