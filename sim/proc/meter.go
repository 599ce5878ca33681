package proc

import (
	"fmt"
	"os"

	"squall/sim"
)

// Resources reads what the process has used, CPU time over all its lives. The
// error is os.ErrProcessDone when it does not run: then there is nothing to
// read. Any other error means that a reading failed.
func (p *Process) Resources() (sim.Resources, error) {
	p.mu.Lock()
	l, past := p.life, p.cpuPast
	p.mu.Unlock()
	if l == nil {
		return sim.Resources{CPU: past}, fmt.Errorf("read the resources of %s: it does not run: %w", p.Name(), os.ErrProcessDone)
	}
	r, err := read(l.cmd.Process.Pid)
	r.CPU += past
	if err != nil {
		return r, fmt.Errorf("read the resources of %s: %w", p.Name(), err)
	}
	return r, nil
}
