package sim

// Position says where an interval lies beside a fault.
type Position string

// The positions.
const (
	Before Position = "before"
	During Position = "during"
	After  Position = "after"
)

// Positions lists them in the order of time.
func Positions() []Position { return []Position{Before, During, After} }

// Interval is the figures of the requests that were due in a stretch of time: a
// phase of the load, or the time before, during or after a fault.
type Interval struct {
	Name string `json:"name"` // for people: the phase's name, or "during kill inventory"
	// Fault is the number of the fault in the scenario, from 1, and Position says
	// where the interval lies beside it; a phase has neither.
	Fault      int        `json:"fault,omitempty"`
	Position   Position   `json:"position,omitempty"`
	From       float64    `json:"from_s"` // from the start of the load
	To         float64    `json:"to_s"`
	Discard    bool       `json:"discard,omitempty"`
	Accept     Accept     `json:"accept"`
	Complete   Latency    `json:"complete"`
	Lag        Lag        `json:"lag"`
	Throughput Throughput `json:"throughput"`
}
