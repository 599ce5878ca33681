package sim

import (
	"context"
	"time"
)

// Parts are what a run is put together from; cmd/squall does that.
type Parts struct {
	Backing Backing
	// System wires a variant to the servers of one trial.
	System func(variant string, sc Scenario) (System, error)
	Launch func(ctx context.Context, l Launch) (Child, error)
	// OpenLink puts a proxy before each of the upstream addresses and returns
	// their addresses in the same order.
	OpenLink func(name, protocol string, upstreams []string) (OpenProxy, []string, error)
	// FreeAddr returns an unused loopback address.
	FreeAddr func() (string, error)
	Attack   func(ctx context.Context, a Attack) (LoadFidelity, error)
	// Probe reads orders back until they show a terminal state; it returns when
	// ctx ends. It may be nil.
	Probe  func(ctx context.Context, p ProbePlan)
	Faults map[string]FaultKind
	// Live keeps figures as a trial goes, About says which variants a condition is
	// about, and Holds judges conditions by figures; they are asked for only by
	// scenarios that have conditions.
	Live  func() Live
	About func(condition string) (variants []string)
	Holds func(conditions []string, figures *VariantResult) []Expectation
	// Progress hears about the run as it goes; it must not block.
	Progress func(Progress)
}

// Backing provides the servers.
type Backing interface {
	Info() BackingInfo
	// Trial makes room for one trial: a fresh schema, vhost or stream.
	Trial(ctx context.Context, t TrialSpace) (*Servers, error)
	Close(ctx context.Context) error
}

// TrialSpace is what a backing may use for a trial.
type TrialSpace struct {
	Name string // "async-1"
	Dir  string // for data; removed after the trial
	Log  func(server string) string
	// Died is to be called when a server of this trial dies for good.
	Died func(err error)
}

// Launch is a process to start.
type Launch struct {
	Name, Service string
	Argv          []string
	Env           []string // the whole environment
	Addr          string   // where GET /healthz answers when it is ready
	Log           string   // file for stdout and stderr
	// Line hears each line that the process writes to file descriptor 3.
	Line func(line []byte)
	// Event hears of starts, stops and deaths, with a sentence.
	Event func(kind, detail string)
}

// Child is a process that a run started.
type Child interface {
	Process
	Killer
	Pauser
	Metered
	Stopper
}

// OpenProxy is a Proxy that the run owns.
type OpenProxy interface {
	Proxy
	Close() error
}

// Attack is the load of one trial.
type Attack struct {
	Start    int64 // of the schedule, CLOCK_MONOTONIC, ns
	Schedule *Schedule
	Seed     uint64
	Timeout  time.Duration
	Targets  []string // host:port of the ingress, behind its link; taken in turn
	Write    func(Event)
	Counted  *Counters
}

// Progress is a moment of a run.
type Progress struct {
	Trial      TrialInfo
	TrialIndex int // from 0
	Trials     int
	Step       string // "start", "load", "drain", "audit", "stop", "done"
	Phase      string
	Elapsed    time.Duration // of the load
	Total      time.Duration
	Counts     Counts
	Backlog    float64
	AcceptP99  float64  // of the last second's answers, in milliseconds
	Audited    int      // final records that were read
	Faults     []string // in force
	Note       string   // something worth a line of its own
}
