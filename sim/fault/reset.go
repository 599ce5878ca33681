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
		Name: "reset", Group: "network", Class: sim.TargetLink, Needs: []sim.Capability{sim.NetworkLink, sim.NetworkCut},
		Summary:  "ends every connection over a link with a TCP reset, and each new one as soon as it is made, or a while after",
		Evidence: "a connection opened before, and one opened during, both end with ECONNRESET; an exchange succeeds afterwards",
		Heals:    "new connections are left alone again",
		Example:  "{ reset: inventory, at: 10s, for: 2s }",
		More:     []string{"{ reset: inventory, at: 10s, for: 4s, after: 300ms }"},
		Fields:   []sim.Field{{Name: "after", Type: "duration", Help: "how long a new connection lives (default: not at all)"}},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			return onLinks(c, func(links []cuttable) sim.Injection {
				return &reset{links: links, after: c.Spec.Duration("after", 0)}
			})
		},
	})
}

type reset struct {
	links   []cuttable
	after   time.Duration
	probes  []sim.ProbeConn
	ended   int      // connections
	later   chan int // how many of those opened during it saw a reset; nil: not injected
	seen    int      // connections of our own that saw a reset
	trouble trouble
}

// resetTime is how long a reset may take to be seen.
const resetTime = time.Second

// Prepare opens a connection over each link.
func (r *reset) Prepare(ctx context.Context) error {
	var err error
	r.probes, err = openProbes(ctx, r.links)
	return r.trouble.add(err)
}

func (r *reset) Inject(ctx context.Context) (string, error) {
	r.later = make(chan int, 1)
	for _, l := range r.links {
		n, err := l.Reset(r.after)
		r.ended += n
		r.trouble.add(err)
	}
	for _, p := range r.probes {
		r.seen += ends(p, resetTime)
	}
	go func() { r.later <- r.anew(ctx) }()
	return fmt.Sprintf("%s: %d connections reset, and each new one after %s", names(r.links), r.ended, r.after), nil
}

// anew opens a connection over each link, and counts those that see a reset.
func (r *reset) anew(ctx context.Context) (seen int) {
	for _, l := range r.links {
		opening, cancel := context.WithTimeout(ctx, r.after+resetTime)
		p, err := l.OpenProbe(opening)
		cancel()
		if err != nil {
			seen += isReset(err)
			continue
		}
		seen += ends(p, r.after+resetTime)
		p.Close()
	}
	return seen
}

// ends waits for the end of a connection, and returns 1 if it is a reset.
func ends(p sim.ProbeConn, within time.Duration) int {
	if err := p.SetReadDeadline(time.Now().Add(within)); err != nil {
		return isReset(err)
	}
	return isReset(p.Answered())
}

// isReset returns 1 for a reset. A connection that is reset while it is being
// written to may say so by a broken pipe.
func isReset(err error) int {
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return 1
	}
	return 0
}

func (r *reset) Heal(ctx context.Context) error {
	for _, p := range r.probes {
		p.Close()
	}
	if r.later == nil {
		return nil
	}
	r.seen += <-r.later
	r.later = nil
	for _, l := range r.links {
		l.Spare()
	}
	r.trouble.add(carry(ctx, r.links))
	return nil
}

func (r *reset) Evidence() sim.Evidence {
	want := 2 * len(r.links)
	if err := r.trouble.seen(); err != nil || r.seen < want || want == 0 {
		return unknown("%d of %d connections saw a reset: %v", r.seen, want, err)
	}
	return evident(map[string]float64{"reset": float64(r.ended)},
		"%d connections over %s ended with ECONNRESET, and so did new ones; all answer again", r.ended, names(r.links))
}
