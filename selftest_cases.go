package squall

// selftestCase is one seeded bug with the storm that exposes it and the
// invariants of which at least one must catch it.
type selftestCase struct {
	bug      string
	scenario string
	caught   []string
	backings []string // where the bug can exist
}

var both = []string{"embedded", "container"}

// selftestCases has a case for each of service.Bugs; a test sees to that.
var selftestCases = []selftestCase{
	{"ack-before-commit", "crash-in-work", []string{"no-loss", "messages-conserved"}, both},
	{"no-inbox", "crash-after-commit", []string{"stock-conserved"}, both},
	{"no-outbox", "crash-after-commit", []string{"no-loss"}, both},
	{"no-confirms", "broker-kill", []string{"no-loss", "messages-conserved"}, both},
	{"unbound", "calm", []string{"no-loss", "messages-conserved"}, both},
	// A JetStream delivery is settled by a subject of its own: it cannot hit another.
	{"stale-acks", "reconnect", []string{"no-loss", "messages-conserved"}, []string{"container"}},
	{"lost-update", "calm", []string{"stock-conserved"}, both},
	{"no-provider-key", "crash-after-capture", []string{"charged-once"}, both},
	{"no-dead-letter", "crash-loop", []string{"no-loss", "messages-conserved"}, both},
	{"no-release", "calm", []string{"causal"}, both},
	{"retry-without-key", "slow-provider", []string{"charged-once"}, both},
	{"paid-before-capture", "crash-before-charge", []string{"charged-once", "causal"}, both},
}
