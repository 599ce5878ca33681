package sim

// Series is figures per second of the load: element i is about the second that
// begins i seconds after the start. A gap is null.
type Series struct {
	Offered    []float64            `json:"offered"`       // requests due
	Accepted   []float64            `json:"accepted"`      // ok answers, by when they came
	Completed  []float64            `json:"completed"`     // terminal states, by when they came
	Failed     []float64            `json:"failed"`        // fail and info answers, by when they came
	AcceptP50  []*float64           `json:"accept_p50_ms"` // by the second in which the request was due
	AcceptP90  []*float64           `json:"accept_p90_ms"`
	AcceptP99  []*float64           `json:"accept_p99_ms"`
	AcceptMax  []*float64           `json:"accept_max_ms"`
	ServiceP50 []*float64           `json:"service_p50_ms"` // by the second in which the request was sent
	ServiceP99 []*float64           `json:"service_p99_ms"`
	LagP50     []*float64           `json:"lag_p50_ms"` // by the second of the answer
	LagP99     []*float64           `json:"lag_p99_ms"`
	VisibleP50 []*float64           `json:"visibility_p50_ms,omitempty"` // by the second of the answer; of the orders that were read
	VisibleP99 []*float64           `json:"visibility_p99_ms,omitempty"`
	Backlog    map[string][]float64 `json:"backlog"` // by stage, and "total"
	CPU        map[string][]float64 `json:"cpu"`     // cores in use, by process or server
	RSS        map[string][]float64 `json:"rss_bytes"`
}
