package sim

import (
	"context"
	"time"
)

// Backing provides the servers that a run stands on: one backend as its broker and
// one as its database.
type Backing interface {
	Info() BackingInfo
	// CreateNamespace gives one trial a place of its own on each server: a virtual
	// host, schemas, or a server that nobody else has. After an error there is
	// none.
	CreateNamespace(ctx context.Context, t NamespaceSpec) (*Servers, error)
	Close(ctx context.Context) error
}

// NamespaceSpec is what a backing may use for a trial.
type NamespaceSpec struct {
	Name string // of the trial: "async-1"
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

// Host is a place where processes and links live.
type Host interface {
	// Launch starts a process and waits until it is ready. The child may be there
	// also with an error; it is to be stopped then.
	Launch(ctx context.Context, l Launch) (Child, error)
	// OpenLink puts a proxy before each of the upstream addresses and returns the
	// proxies' addresses in the same order. protocol is how a link is probed:
	// "http", "amqp", "mysql" or "nats".
	OpenLink(name, protocol string, upstreams []string) (OpenProxy, []string, error)
	// FreeAddr returns an unused address of the host.
	FreeAddr() (string, error)
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

// Live keeps the figures of a trial as it goes.
type Live interface {
	Add(Event)
	// Figures are those of the requests answered in a stretch of time.
	Figures(from, to int64) *VariantResult
	// AcceptP99 is in milliseconds, of the requests answered since a moment; 0
	// where there was none.
	AcceptP99(from int64) float64
}
