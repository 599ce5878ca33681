package sim

// Event is one line of a history or of an audit. Kind says which of the other
// fields are filled; a field that a kind does not use is absent.
type Event struct {
	At   int64  `json:"at"`            // CLOCK_MONOTONIC, ns
	Src  string `json:"src,omitempty"` // "client", "harness", or the process: "orders-1"
	Kind string `json:"kind"`

	Order   string `json:"order,omitempty"`
	Message string `json:"message,omitempty"`
	From    string `json:"from,omitempty"` // a state
	To      string `json:"to,omitempty"`   // a state
	SKU     int    `json:"sku,omitempty"`
	Qty     int64  `json:"qty,omitempty"`
	Initial int64  `json:"initial,omitempty"` // first stock
	Amount  int64  `json:"amount,omitempty"`  // cents
	Key     string `json:"key,omitempty"`     // idempotency key

	Seq      int     `json:"seq,omitempty"`      // number of the request, from 0
	Intended int64   `json:"intended,omitempty"` // when the request was due, CLOCK_MONOTONIC, ns
	Sent     int64   `json:"sent,omitempty"`     // when it was sent, or begun
	Status   int     `json:"status,omitempty"`   // HTTP
	Outcome  Outcome `json:"outcome,omitempty"`

	Fault   int                `json:"fault,omitempty"`   // number of the fault in the scenario, from 1
	Planned int64              `json:"planned,omitempty"` // when a fault step was due
	Verdict Verdict            `json:"verdict,omitempty"`
	Phase   string             `json:"phase,omitempty"`
	Values  map[string]float64 `json:"values,omitempty"`
	Detail  string             `json:"detail,omitempty"`
}

// The kinds of events that the harness and its client write.
const (
	TrialStart       = "trial.start"       // At: start of the first phase; Detail: variant; Key: seed; Values: probe_share, probe_every_ms
	PhaseStart       = "phase.start"       // Phase
	LoadEnd          = "load.end"          // the last request was answered or given up
	LoadReport       = "load.report"       // Values: planned, sent, unsent, late, late_p99_ms
	ClientResponse   = "client.response"   // At is the answer; Seq, Order, Intended, Sent, Status, Outcome, Detail
	ClientRead       = "client.read"       // a probe; At is the answer; Order, Sent, Status, Outcome, To is the state it showed
	FaultInjected    = "fault.injected"    // Fault, Planned, Sent is when it was begun, Detail
	FaultFailed      = "fault.failed"      // Fault, Detail: it could not be injected or healed
	FaultHealed      = "fault.healed"      // Fault, Planned, Sent is when it was begun
	FaultEvidence    = "fault.evidence"    // Fault, Verdict, Detail, Values
	FaultNone        = "fault.none"        // Fault: this variant has no such target
	Gauges           = "gauges"            // Values: backlog by stage
	ResourceSample   = "resources"         // Src is what was sampled; Values: cpu_s, rss_bytes, connections
	ResourcesFailed  = "resources.failed"  // Src's readings fail from now on; Detail is the first error
	ResourcesMissed  = "resources.missed"  // they no longer do, or the trial ends; Values: readings that failed in a row
	ClockTrouble     = "clock.trouble"     // Src's events carry moments that cannot be; Detail
	ProcessStarted   = "process.started"   // Src
	ProcessStopped   = "process.stopped"   // Src, asked for by the harness; Detail is the status
	ProcessDied      = "process.died"      // Src, asked for by nobody; Detail is the status and the last of stderr
	DrainDone        = "drain.done"        // the system is quiescent
	DrainDeadline    = "drain.deadline"    // it is not, and time is up; Values: what is left
	AuditDone        = "audit.done"        // every service's records were read to their end
	AuditFailed      = "audit.failed"      // Detail
	TrialInterrupted = "trial.interrupted" // Detail
	SteadyFailed     = "steady.failed"     // Detail: the hypothesis that did not hold before the first fault
	StopMet          = "stop.met"          // Detail: the stop condition that was met
	TrialEnd         = "trial.end"

	ServersCloseFailed = "servers.close-failed" // Detail: something of the trial's servers could not be ended or removed
	ProcessGarbled     = "process.garbled"      // Src wrote a line that is no event; Detail is its beginning
)

// The kinds of events that processes write after the commit they speak of.
const (
	ProcessReady    = "process.ready"
	OrderCreated    = "order.created" // SKU, Qty
	OrderReserved   = "order.reserved"
	OrderPaid       = "order.paid"
	OrderShipped    = "order.shipped"
	OrderDelivered  = "order.delivered"
	OrderCancelled  = "order.cancelled"
	OrderParked     = "order.parked"
	MessageDup      = "message.duplicate" // seen before: its effect did not happen again
	MessageRetried  = "message.retried"
	MessageParked   = "message.parked"
	MessageReturned = "message.returned" // could not be retried or parked: it is back in its queue
	MessageRefused  = "message.refused"  // the broker did not take it
	BrokerBlocked   = "broker.blocked"   // the broker told a publisher to wait
)

// The kinds of audit records: the final state, read over direct addresses.
const (
	AuditOrder       = "audit.order"        // Order, SKU, Qty, To (its state), At (created)
	AuditTransition  = "audit.transition"   // Order, From, To, At; in the order they took effect
	AuditStock       = "audit.stock"        // SKU, Initial, Qty (on hand)
	AuditReservation = "audit.reservation"  // Order, SKU, Qty, To: ReservationHeld, ReservationRejected or ReservationReleased
	AuditStockChange = "audit.stock-change" // Order, SKU, Qty (signed); in the order they took effect
	AuditPayment     = "audit.payment"      // Order, To: PaymentCaptured or declined; the payment service's view
	AuditLedger      = "audit.ledger"       // Order, Key, Amount, To: PaymentCaptured or declined; the provider's view
	AuditShipment    = "audit.shipment"     // Order, To: sent or delivered
	AuditOutbox      = "audit.outbox"       // Message, To: pending or OutboxSent
	AuditHandled     = "audit.handled"      // Message, handled by Src
	AuditBinding     = "audit.binding"      // Message is a type of messages that Src is to handle
	AuditParked      = "audit.parked"       // Message, Key is the queue it was set aside from
	AuditEnd         = "audit.end"          // Src's records are complete
)

// GaugeParked is the one gauge that is no backlog: what is parked stays.
const GaugeParked = "parked"

// What audit records say in To, as far as anything hangs on it.
const (
	ReservationHeld     = "held"
	ReservationRejected = "rejected" // there was no stock
	ReservationReleased = "released" // the stock was given back
	PaymentCaptured     = "captured"
	OutboxSent          = "sent" // the broker confirmed the message
)

// Verdict is the answer of a check. Unknown is never green.
type Verdict string

// The verdicts.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
)

// Worse returns the verdict of two together: a failure is a failure whatever
// else is unknown, and nothing passes that is partly unknown.
func (v Verdict) Worse(w Verdict) Verdict {
	switch {
	case v == Fail || w == Fail:
		return Fail
	case v == Unknown || w == Unknown:
		return Unknown
	}
	return Pass
}

// Outcome is what the client may conclude from the answer to a request.
type Outcome string

// The outcomes.
const (
	OutcomeOK   Outcome = "ok"   // accepted: the order is promised
	OutcomeFail Outcome = "fail" // definitely without effect
	OutcomeInfo Outcome = "info" // indeterminate: it may or may not have had effects
)
