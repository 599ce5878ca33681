package squall

import (
	"fmt"

	"squall/sim"
	"squall/sim/host"
)

const (
	// filesBase is what squall itself keeps open, and filesPerProcess what one
	// process and the links to it take of squall's open files, at rest.
	filesBase       = 64
	filesPerProcess = 24
	// filesPerRequest is what one request in flight takes: the client's socket
	// and two of the link.
	filesPerRequest = 3
)

// enoughFiles refuses a scenario that this process could not carry out: with too
// few open files allowed squall would fail, not the system under test. The limit
// is the hard one, up to which a Go program raises its own.
func enoughFiles(sc sim.Scenario) error {
	allowed, err := host.OpenFiles()
	if err != nil {
		return nil // not known here
	}
	processes := 0
	for _, s := range sc.Services {
		processes += s.Replicas
	}
	peak := 0.0
	for _, p := range sc.Load.Phases {
		peak = max(peak, p.From, p.To)
	}
	// A second's worth of requests in flight is what a system that keeps up has at
	// most; more of them may fail for want of files while it stalls.
	need := uint64(filesBase + filesPerProcess*processes + filesPerRequest*int(peak))
	if allowed < need {
		return usage(fmt.Errorf("%d open files are allowed, and %s needs about %d: raise the limit with ulimit -n %d",
			allowed, sc.Name, need, max(wantFiles, need)))
	}
	return nil
}
