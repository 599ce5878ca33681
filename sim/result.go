package sim

import "time"

// ResultSchema is the version of result.json and run.json. CHANGELOG.md says what
// changed from one to the next.
const ResultSchema = 2

// Result is result.json: what a run found.
type Result struct {
	Schema   int                       `json:"schema"`
	Scenario string                    `json:"scenario"`
	Verdict  Verdict                   `json:"verdict"`
	Reasons  Reasons                   `json:"reasons"` // why it is not pass, and what else there is to know
	Expect   []Expectation             `json:"expect"`
	Variants map[string]*VariantResult `json:"variants"`
}

// Expectation is one expectation of the scenario and what became of it.
type Expectation struct {
	Text    string  `json:"text"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail,omitempty"` // the values it saw
}

// VariantResult is all trials of one variant together.
type VariantResult struct {
	Variant    string         `json:"variant"`
	Verdict    Verdict        `json:"verdict"` // of its trials: fail when an invariant was violated
	Trials     []*TrialResult `json:"trials"`
	Accept     Accept         `json:"accept"`
	Complete   Latency        `json:"complete"`
	Lag        Lag            `json:"lag"`
	Throughput Throughput     `json:"throughput"`
	Audit      Audit          `json:"audit"`
	Faults     []FaultResult  `json:"faults"`
	Resources  ResourceUse    `json:"resources"`
	Windows    []Window       `json:"windows"`
	Backlog    Backlog        `json:"backlog"`
}

// Backlog is the orders and messages on their way: in requests, outboxes,
// queues, unacknowledged, or waiting for another attempt.
type Backlog struct {
	Peak float64 `json:"peak"`
}

// TrialResult is what one trial found, with what is not added up over trials.
type TrialResult struct {
	Trial      string        `json:"trial"` // the folder's name
	Verdict    Verdict       `json:"verdict"`
	Doubtful   bool          `json:"doubtful"` // its figures may be wrong: see reasons
	Reasons    Reasons       `json:"reasons"`
	Load       LoadFidelity  `json:"load"`
	Accept     Accept        `json:"accept"`
	Service    Latency       `json:"service"` // answer - actual send
	Complete   Latency       `json:"complete"`
	Lag        Lag           `json:"lag"`
	Throughput Throughput    `json:"throughput"`
	Audit      Audit         `json:"audit"`
	Faults     []FaultResult `json:"faults"`
	Resources  ResourceUse   `json:"resources"`
	Messages   MessageCounts `json:"messages"`
	Windows    []Window      `json:"windows"`
	Recovery   []Recovery    `json:"recovery"`
	// ConvergedAfterS is from the last heal to the last commit for an order that
	// was due before it; nil without a fault.
	ConvergedAfterS    *float64               `json:"converged_after_s,omitempty"`
	Parked             int                    `json:"parked_orders"`
	DrainS             float64                `json:"drain_s"` // from the last answer to quiescence
	Phases             []Interval             `json:"phases"`
	Around             []Interval             `json:"around_faults"`
	Series             Series                 `json:"series"`
	ResourcesByProcess map[string]ResourceUse `json:"resources_by_process"`
	// Slowest are the orders whose answers took longest, Delayed those that took
	// longest to converge or never did, each with all its events.
	Slowest []Example `json:"slowest,omitempty"`
	Delayed []Example `json:"most_delayed,omitempty"`
}

// Window is something that services should agree on about every order, with how
// often and how long they did not.
type Window struct {
	Name       string  `json:"name"`
	Means      string  `json:"means"`
	Count      int     `json:"count"`
	Open       int     `json:"open"` // still false when the trial ended
	LongestMS  float64 `json:"longest_ms"`
	SumMS      float64 `json:"sum_ms"`
	PeakAtOnce int     `json:"peak_at_once"` // orders
}

// Recovery is how long after a fault's heal its effects were gone, in seconds; nil
// when the trial ended first.
type Recovery struct {
	Fault    int      `json:"fault"`
	Name     string   `json:"name"`
	BacklogS *float64 `json:"backlog_s"`
	LatencyS *float64 `json:"latency_s"`
}

// Throughput is in orders per second over the measured phases; what is
// completed later counts as completed in the second it was due.
type Throughput struct {
	Offered   float64 `json:"offered_per_s"`
	Accepted  float64 `json:"accepted_per_s"`
	Completed float64 `json:"completed_per_s"`
}

// Audit is the verdicts of all invariants.
type Audit struct {
	Verdict    Verdict     `json:"verdict"`
	Violations int         `json:"violations"`
	Invariants []Invariant `json:"invariants"`
}

// Invariant is one check's verdict.
type Invariant struct {
	Name       string    `json:"name"`
	Promise    string    `json:"promise"`
	Verdict    Verdict   `json:"verdict"`
	Violations int       `json:"violations"`
	Detail     string    `json:"detail,omitempty"`
	Examples   []Example `json:"examples,omitempty"`
}

// Example is one order worth looking at and why. Trace is the id that its
// requests and messages carry through every service.
type Example struct {
	Order  string  `json:"order"`
	Why    string  `json:"why"`
	Trace  string  `json:"trace_id,omitempty"`
	Events []Event `json:"events,omitempty"` // all that the files say of it, in order; only for the first examples
}

// FaultResult is one fault in one trial.
type FaultResult struct {
	Number int    `json:"number"`
	Kind   string `json:"kind"`
	Target string `json:"target"`
	// From and To are seconds from the start of the load; To is 0 when it was never healed.
	From float64 `json:"from_s"`
	To   float64 `json:"to_s"`
	// DelayMS is how late the injection was begun, TookMS how long it took; the
	// heal's likewise.
	DelayMS     float64 `json:"delay_ms"`
	TookMS      float64 `json:"took_ms"`
	HealDelayMS float64 `json:"heal_delay_ms"`
	HealTookMS  float64 `json:"heal_took_ms"`
	Evidence    string  `json:"evidence"`
	Verdict     Verdict `json:"verdict"`
	NA          bool    `json:"not_applicable,omitempty"`
}

// ResourceUse is what processes or servers used during a trial.
type ResourceUse struct {
	CPUSeconds         float64 `json:"cpu_s"`
	CPUMSPerCompletion float64 `json:"cpu_ms_per_completed,omitempty"`
	MaxRSSBytes        float64 `json:"max_rss_bytes"`
	MaxConnections     float64 `json:"max_connections"`
}

// LoadFidelity is how well the generator kept its schedule.
type LoadFidelity struct {
	Planned   int     `json:"planned"`
	Sent      int     `json:"sent"`
	Unsent    int     `json:"unsent"`
	Late      int     `json:"late"` // sent more than LateAfter after they were due
	LateP50MS float64 `json:"late_p50_ms"`
	LateP99MS float64 `json:"late_p99_ms"`
	LateMaxMS float64 `json:"late_max_ms"`
	Verdict   Verdict `json:"verdict"`
}

// LateAfter is the lateness from which a request counts as late, and LateShare
// the share of late requests above which a trial's figures are unknown: they would
// hold the generator's own delays.
const (
	LateAfter = 50 * time.Millisecond
	LateShare = 0.01
)

// MessageCounts counts what became of messages.
type MessageCounts struct {
	Duplicates int `json:"duplicates"` // seen before: their effect did not happen again
	Retries    int `json:"retries"`
	Parked     int `json:"parked"`
	Refused    int `json:"refused"` // by the broker
}
