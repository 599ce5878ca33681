package fault

import (
	"errors"
	"fmt"
	"sync"

	"squall/sim"
)

// trouble gathers what stands in the way of evidence, from any goroutine.
type trouble struct {
	mu   sync.Mutex
	errs []error
}

// add notes what went wrong, if anything did, and returns it.
func (t *trouble) add(err error) error {
	if err != nil {
		t.mu.Lock()
		t.errs = append(t.errs, err)
		t.mu.Unlock()
	}
	return err
}

// seen returns all that went wrong, nil for nothing.
func (t *trouble) seen() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.errs...)
}

// unknown is the evidence of a fault that was not seen to take hold.
func unknown(format string, args ...any) sim.Evidence {
	return sim.Evidence{Verdict: sim.Unknown, Text: fmt.Sprintf(format, args...)}
}

// evident is the evidence of one that was.
func evident(values map[string]float64, format string, args ...any) sim.Evidence {
	return sim.Evidence{Verdict: sim.Pass, Text: fmt.Sprintf(format, args...), Values: values}
}
