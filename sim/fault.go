package sim

import (
	"context"
	"math/rand/v2"
	"time"
)

// FaultKind is what there is to know about one kind of fault. Each is one file
// in sim/fault.
type FaultKind struct {
	Name    string
	Group   string // what it is about: one of FaultGroups
	Summary string // what it does
	Class   string // what its target is: TargetProcess, TargetLink, TargetServer or TargetQueue
	Only    string // the one target that it may have; "" for any of its class
	Server  string // the role of a server that it takes hold of beside its target; "" for none
	// Consumers says that it also takes hold of the processes that consume its
	// target queue, and of their links to Server.
	Consumers bool
	Needs     []Capability // what must be possible with the target and Server
	Nodes     int          // how many nodes of the broker it needs at least
	Condition string       // what else must hold for it to have an effect; "" for nothing
	Evidence  string       // what proves that it took hold
	Heals     string       // how it is undone
	Example   string       // a line of a scenario
	More      []string     // other examples, where it does different things
	Fields    []Field      // beside at and for
	NeedsFor  bool         // whether "for" must be given; else it may not be
	// Span is how long the fault lasts; 0 means until the load ends.
	Span func(FaultSpec) time.Duration
	// New prepares one injection.
	New func(FaultContext) Injection
}

// FaultGroups are the groups of faults, in the order in which they are shown,
// with the colour of each in reports.
var FaultGroups = []struct{ Name, Colour string }{
	{"process", "#cf222e"}, {"network", "#8250df"}, {"broker", "#bf5600"},
	{"messages", "#0b7285"}, {"dependency", "#7a6200"},
}

// Colour is the colour in which reports draw a fault.
func (k FaultKind) Colour() string {
	for _, g := range FaultGroups {
		if g.Name == k.Group {
			return g.Colour
		}
	}
	return FaultGroups[0].Colour
}

// Field is a setting of a fault.
type Field struct {
	Name     string
	Type     string   // "duration", "count", "share" (0 to 1, or a percentage), "bandwidth" (bytes per second) or "word"
	Words    []string // what a word may be
	Required bool
	Help     string
}

// Injection is one fault on its way through a trial. Inject is called once, when
// the fault is due; Heal is called at least once, also when Inject failed or was
// cut short, and calling it again does nothing.
type Injection interface {
	// Inject returns a sentence on what was done.
	Inject(ctx context.Context) (string, error)
	Heal(ctx context.Context) error
	// Evidence is asked for after the heal.
	Evidence() Evidence
}

// Preparer is an injection that has something to do shortly before it is due,
// such as measuring the link that it will slow down.
type Preparer interface {
	Prepare(ctx context.Context) error
}

// Evidence says whether a fault took hold.
type Evidence struct {
	Verdict Verdict            `json:"verdict"`
	Text    string             `json:"evidence"`
	Values  map[string]float64 `json:"values,omitempty"`
}

// FaultContext is what an injection works on: the target's processes, links,
// server or queue in this trial, and a source of chance that is the same in
// every variant.
type FaultContext struct {
	Spec      FaultSpec
	Processes []Process
	Proxies   []Proxy
	Server    Server
	Queue     QueueSpec
	Rand      *rand.Rand
	// Seen counts the events of a kind that a service's processes have written;
	// those of all services where service is "".
	Seen func(service, kind string) int64
}

// Process is a child process under test. What can be done to it beyond these
// is in Killer, Crasher, Pauser, Stopper, Degrader and Metered.
type Process interface {
	Name() string    // "orders-1"
	Service() string // "orders"
	Addr() string    // its own address, around all links
}

// Killer is a process that can be killed and started again.
type Killer interface {
	// Kill sends SIGKILL, reaps the process and returns its status. An error
	// means that it did not die of that.
	Kill() (status string, err error)
	// Restart starts it again and waits until it is ready.
	Restart(ctx context.Context) error
	Alive() bool
}

// Stopper is a process that can be asked to end.
type Stopper interface {
	// Stop ends it: politely, then with SIGKILL.
	Stop(ctx context.Context)
}

// Crasher is a process that can be told to kill itself at a point of its code.
type Crasher interface {
	// CrashAt has the process send itself SIGKILL when it reaches a point for the
	// nth time from now on; one that is dead is started, armed from its first
	// moment. It waits for the death, reaps, and returns the status. It returns
	// ctx's error when the process does not get there in time, and disarms it.
	CrashAt(ctx context.Context, point string, nth int) (status string, err error)
}

// Pauser is a process that can be stopped and resumed.
type Pauser interface {
	Pause() error  // SIGSTOP
	Resume() error // SIGCONT; no error when it runs already or is gone
}

// Degrader is a process whose behaviour can be changed while it runs.
type Degrader interface {
	// Degrade sets how the process misbehaves from now on, and returns what came
	// of that until now. The zero Degradation ends it.
	Degrade(ctx context.Context, t Degradation) (DegradationReport, error)
}

// Degradation is how a process is to misbehave.
type Degradation struct {
	Slow      time.Duration // added to the work on an order
	SlowShare float64       // of the orders
	Errors    float64       // share of the charges that the provider fails
}

// DegradationReport counts what a process has done since it was last told how to misbehave.
type DegradationReport struct {
	Worked   int64   `json:"worked"`    // orders
	Slowed   int64   `json:"slowed"`    // of them
	SlowedMS float64 `json:"slowed_ms"` // by so much, all together, as measured
	Charged  int64   `json:"charged"`   // charges asked for
	Failed   int64   `json:"failed"`    // of them, on purpose
}

// Metered is something whose use of resources can be read.
type Metered interface {
	Resources() (Resources, error)
}

// Resources is a reading of what a process or server has used.
type Resources struct {
	CPU         time.Duration // since its start
	RSS         int64         // bytes
	Connections int
	State       string // Linux process state: "R", "S", "T" (stopped), ...
}
