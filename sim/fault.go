package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// FaultKind is what there is to know about one kind of fault. Each is one file
// in sim/fault.
type FaultKind struct {
	Name     string
	Summary  string  // what it does
	Class    string  // what its target is: TargetProcess, TargetLink or TargetServer
	Server   string  // the only target of a TargetServer: "broker" or "database"
	Evidence string  // what proves that it took hold
	Heals    string  // how it is undone
	Example  string  // a line of a scenario
	Fields   []Field // beside at and for
	NeedsFor bool    // whether "for" must be given; else it may not be
	// Span is how long the fault lasts; 0 means until the load ends.
	Span func(FaultSpec) time.Duration
	// New prepares one injection.
	New func(FaultContext) Injection
}

// The classes of targets.
const (
	TargetProcess = "process"
	TargetLink    = "link"
	TargetServer  = "server"
)

// Field is a setting of a fault.
type Field struct {
	Name     string
	Type     string   // "duration", "count" or "word"
	Words    []string // what a word may be
	Required bool
	Help     string
}

// Injection is one fault on its way through a trial. Inject is called once;
// Heal is called at least once, also when Inject failed or was cut short, and
// calling it again does nothing.
type Injection interface {
	// Inject returns a sentence on what was done.
	Inject(ctx context.Context) (string, error)
	Heal(ctx context.Context) error
	// Evidence is asked for after the heal.
	Evidence() Evidence
}

// Evidence says whether a fault took hold.
type Evidence struct {
	Verdict Verdict            `json:"verdict"`
	Text    string             `json:"evidence"`
	Values  map[string]float64 `json:"values,omitempty"`
}

// FaultContext is what an injection works on: the target's processes or links
// in this trial, and a source of chance that is the same in every variant.
type FaultContext struct {
	Spec      FaultSpec
	Processes []Process
	Proxies   []Proxy
	Server    Server
	Rand      *rand.Rand
}

// Process is a child process under test. What can be done to it beyond these
// is in Killer, Pauser and Metered.
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

// Crasher is a process that can be told to kill itself at a point of its code.
type Crasher interface {
	// CrashAt has the process send itself SIGKILL at the nth passage of a point
	// from now on; one that is dead is started, armed from its first moment. It
	// waits for the death, reaps, and returns the status. It returns ctx's error
	// when that does not come to pass in time; the process is disarmed then.
	CrashAt(ctx context.Context, point string, nth int) (status string, err error)
}

// Pauser is a process that can be stopped in its tracks.
type Pauser interface {
	Pause() error  // SIGSTOP
	Resume() error // SIGCONT; no error when it runs already or is gone
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

// Proxy is one link with everything that crosses it.
type Proxy interface {
	Name() string
	// RoundTrip measures one round trip through the link.
	RoundTrip(ctx context.Context) (time.Duration, error)
	// Delay makes each answer take longer by delay plus or minus jitter;
	// zero and zero end that.
	Delay(delay, jitter time.Duration) error
}

// Cutter is a link whose connections can be ended.
type Cutter interface {
	// Cut ends every connection over the link at once; new ones are let in. It
	// returns how many there were.
	Cut() (connections int, err error)
	// Block ends every connection and refuses new ones, or lets them in again.
	Block(on bool) (connections int, err error)
}

// Resolve finds what a fault is aimed at in a system. It returns an error that
// names what there is when the system has no such target.
func (k FaultKind) Resolve(target string, s System) (services []string, links []LinkSpec, err error) {
	switch k.Class {
	case TargetProcess:
		if s.Has(target) {
			return []string{target}, nil, nil
		}
		err = fmt.Errorf("%s has no service %q", s.Variant, target)
	case TargetServer:
		switch {
		case target != k.Server:
			err = fmt.Errorf("it is a fault of the %s", k.Server)
		case !s.Uses(target):
			err = fmt.Errorf("%s has no %s", s.Variant, target)
		default:
			return nil, nil, nil
		}
	case TargetLink:
		if links = s.LinksOf(target); len(links) > 0 {
			return nil, links, nil
		}
		err = fmt.Errorf("%s has no link %q", s.Variant, target)
	}
	return nil, nil, err
}
