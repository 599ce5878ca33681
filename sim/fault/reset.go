package fault

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "reset", Group: "network", Class: sim.TargetLink,
		Summary:  "ends every connection over a link with a TCP reset, and each new one as soon as it is made",
		Evidence: "a connection opened before, and one opened during, both end with ECONNRESET; an exchange succeeds afterwards",
		Heals:    "new connections are left alone again",
		Example:  "{ reset: inventory, at: 10s, for: 2s }",
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection { return &reset{proxies: c.Proxies} },
	})
}

type reset struct {
	proxies   []sim.Proxy
	witnesses []sim.Witness
	ended     int // connections
	seen      int // connections of our own that saw the reset
	trouble   trouble
	inForce   bool
}

// Prepare opens a connection over each link.
func (r *reset) Prepare(ctx context.Context) error {
	for _, p := range r.proxies {
		ctx, cancel := context.WithTimeout(ctx, roundTripTime)
		w, err := p.Witness(ctx)
		cancel()
		if r.trouble.add(err) != nil {
			return err
		}
		r.witnesses = append(r.witnesses, w)
	}
	return nil
}

func (r *reset) Inject(ctx context.Context) (string, error) {
	r.inForce = true
	for _, p := range r.proxies {
		n, err := p.(sim.Cutter).Reset(true)
		r.ended += n
		r.trouble.add(err)
	}
	for _, w := range r.witnesses {
		r.sees(w.SetReadDeadline(time.Now().Add(time.Second)))
		r.sees(w.Answered())
	}
	for _, p := range r.proxies {
		trip, cancel := context.WithTimeout(ctx, time.Second)
		_, err := p.RoundTrip(trip)
		cancel()
		r.sees(err)
	}
	return fmt.Sprintf("%s: %d connections reset, and each new one", linkNames(r.proxies), r.ended), nil
}

// sees counts what ended with a reset. A connection that is reset while it is
// being written to may say so by a broken pipe.
func (r *reset) sees(err error) {
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		r.seen++
	}
}

func (r *reset) Heal(ctx context.Context) error {
	for _, w := range r.witnesses {
		w.Close()
	}
	if !r.inForce {
		return nil
	}
	r.inForce = false
	for _, p := range r.proxies {
		_, err := p.(sim.Cutter).Reset(false)
		r.trouble.add(err)
		trip, cancel := context.WithTimeout(ctx, roundTripTime)
		_, err = p.RoundTrip(trip)
		cancel()
		r.trouble.add(err)
	}
	return nil
}

func (r *reset) Evidence() sim.Evidence {
	want := 2 * len(r.proxies)
	if err := r.trouble.seen(); err != nil || r.seen < want || want == 0 {
		return unknown("%d of %d connections saw a reset: %v", r.seen, want, err)
	}
	return evident(map[string]float64{"reset": float64(r.ended)},
		"%d connections over %s ended with ECONNRESET, and so did new ones; all answer again", r.ended, linkNames(r.proxies))
}
