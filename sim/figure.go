package sim

// Figure is one figure of a result as data: what it is called, what it means, how
// it is read, compared and shown. sim/measure/figures.go lists all of them.
type Figure struct {
	Name  string `json:"name"`            // by which scenarios, flags and comparisons call it: "lag p99"
	Title string `json:"title,omitempty"` // in reports, which have more room; "" where the name does
	Means string `json:"means"`           // in one line
	Term  string `json:"term"`            // the term of the glossary that defines it in full

	Kind   Kind      `json:"kind"`
	Better Direction `json:"better,omitempty"`

	// Path is how an expectation calls it behind the variant's name, as in
	// result.json without units: "accept.p99". "" where it has none. Live says that
	// it is known while a trial goes, so that a condition can ask for it.
	Path string `json:"path,omitempty"`
	Live bool   `json:"live,omitempty"`

	// Unit is what the Go benchmark format calls it, and baselines: "accept-p99-ms".
	// "" where they do not have it.
	Unit string `json:"unit,omitempty"`
	// Compare says when a difference from another run counts; nil where it is not
	// compared.
	Compare *Comparing `json:"compare,omitempty"`

	// Row orders the side-by-side table of the report; a figure with 0 is not in
	// it. Brief has it in the terminal's table, too.
	Row   int  `json:"row,omitempty"`
	Brief bool `json:"brief,omitempty"`

	// Read reads it from a trial or from all trials of a variant together.
	Read func(Measured) Reading `json:"-"`
}

// Heading returns the figure's name in reports.
func (f Figure) Heading() string {
	if f.Title != "" {
		return f.Title
	}
	return f.Name
}

// Kind is what a figure's values are, which decides how they are written.
type Kind string

// The kinds. The values are in the unit that the name says; a share is of 1.
const (
	KindMilliseconds Kind = "milliseconds"
	KindSeconds      Kind = "seconds"
	KindPerSecond    Kind = "per second"
	KindShare        Kind = "share"
	KindBytes        Kind = "bytes"
	KindCount        Kind = "count"
	KindViolations   Kind = "violations" // orders that came to harm: each of them is too many
)

// Direction says which values of a figure are better; "" where neither are.
type Direction string

// The directions.
const (
	LessIsBetter Direction = "less"
	MoreIsBetter Direction = "more"
)

// Comparing says when a difference of a figure between two runs counts.
type Comparing struct {
	// MinEffect is the least difference that matters: a share of the base's median,
	// or, where Absolute is set, in the figure's own unit.
	MinEffect float64 `json:"min_effect"`
	Absolute  bool    `json:"absolute,omitempty"`
	// Floor is a difference in the figure's own unit that is too small to matter,
	// whatever its share: a latency of 1.2 ms that was 1 ms is no regression.
	Floor float64 `json:"floor,omitempty"`
}

// Bound says how a value that was read stands to the true one.
type Bound int

// The bounds.
const (
	Exact       Bound = iota
	AtLeast           // the true value is this or more
	NotMeasured       // there is no value
)

// Reading is the value of a figure in a result.
type Reading struct {
	Value float64 // 0 where nothing was measured
	Bound Bound
}

// Exactly returns a reading that is the true value.
func Exactly(v float64) Reading { return Reading{Value: v} }

// Statistic names a value of a distribution.
type Statistic string

// The statistics.
const (
	P50  Statistic = "p50"
	P90  Statistic = "p90"
	P99  Statistic = "p99"
	P999 Statistic = "p999"
	Max  Statistic = "max"
	Mean Statistic = "mean"
)

// Statistics lists them in the order in which they are told.
func Statistics() []Statistic { return []Statistic{P50, P90, P99, P999, Max, Mean} }

// Of returns a statistic in milliseconds.
func (l Latency) Of(s Statistic) float64 {
	switch s {
	case P50:
		return l.P50
	case P90:
		return l.P90
	case P99:
		return l.P99
	case P999:
		return l.P999
	case Max:
		return l.Max
	}
	return l.Mean
}

// Read returns a statistic in milliseconds as a reading.
func (l Latency) Read(s Statistic) Reading {
	if l.Count == 0 {
		return Reading{Bound: NotMeasured}
	}
	return Exactly(l.Of(s))
}

// Read returns a statistic in milliseconds, which is a lower bound where too many
// orders never converged.
func (c Convergence) Read(s Statistic) Reading {
	r := c.Latency.Read(s)
	for _, bound := range c.AtLeast {
		if bound == s && r.Bound == Exact {
			r.Bound = AtLeast
		}
	}
	return r
}

// Measured is what the results of a trial and of a variant have in common, from
// which figures are read.
type Measured struct {
	Accept      Accept
	Complete    Latency
	Lag         Lag
	Throughput  Throughput
	Audit       Audit
	Resources   ResourceUse
	BacklogPeak float64
	Recovery    []Recovery // of every trial
}

// Measured returns what figures are read from.
func (t *TrialResult) Measured() Measured {
	m := Measured{
		Accept: t.Accept, Complete: t.Complete, Lag: t.Lag, Throughput: t.Throughput, Audit: t.Audit, Resources: t.Resources,
		Recovery: t.Recovery,
	}
	for _, level := range t.Series.Backlog["total"] {
		m.BacklogPeak = max(m.BacklogPeak, level)
	}
	return m
}

// Measured returns what figures are read from.
func (v *VariantResult) Measured() Measured {
	m := Measured{
		Accept: v.Accept, Complete: v.Complete, Lag: v.Lag, Throughput: v.Throughput, Audit: v.Audit, Resources: v.Resources,
		BacklogPeak: v.Backlog.Peak,
	}
	for _, t := range v.Trials {
		m.Recovery = append(m.Recovery, t.Recovery...)
	}
	return m
}
