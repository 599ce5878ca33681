package fault

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name:     "broker-restart",
		Summary:  "kills the broker with SIGKILL and starts it again at the same address, with what it had on disk",
		Class:    sim.TargetServer,
		Server:   "broker",
		Evidence: "connections to the broker's own address are refused, and taken again afterwards",
		Heals:    "it is up again when the injection ends",
		Example:  "{ broker-restart: broker, at: 10s }",
		Span:     func(sim.FaultSpec) time.Duration { return time.Millisecond },
		New:      func(c sim.FaultContext) sim.Injection { return &restart{server: c.Server} },
	})
}

// watchEvery is how often a server is asked whether it is there.
const watchEvery = 10 * time.Millisecond

type restart struct {
	server       sim.Server
	asked, taken int
	gone         time.Duration // from the first refusal to the last
	err          error
}

func (r *restart) Inject(ctx context.Context) (string, error) {
	if r.server.Restart == nil {
		r.err = fmt.Errorf("this backing has no such server to restart")
		return "", r.err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var watcher sync.WaitGroup
	watcher.Go(func() { r.watch(watching) })
	began := time.Now()
	r.err = r.server.Restart(context.WithoutCancel(ctx))
	stop()
	watcher.Wait()
	return fmt.Sprintf("%s was killed and answered again after %s", r.server.Named, time.Since(began).Round(time.Millisecond)), r.err
}

// watch counts how often the server was not there.
func (r *restart) watch(ctx context.Context) {
	var first time.Time
	for ctx.Err() == nil {
		if !there(r.server.Addr) {
			if r.asked++; first.IsZero() {
				first = time.Now()
			}
			r.gone = time.Since(first)
		}
		sim.Sleep(ctx, watchEvery)
	}
}

// there reports whether a server speaks, or at least keeps a connection open
// for a moment: an engine's own proxy takes connections for a container that is
// down, and ends them at once.
func there(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		return false
	}
	_, err = conn.Read(make([]byte, 1))
	timeout, ok := err.(net.Error)
	return err == nil || ok && timeout.Timeout()
}

func (r *restart) Heal(context.Context) error { return nil }

func (r *restart) Evidence() sim.Evidence {
	switch {
	case r.err != nil:
		return sim.Evidence{Verdict: sim.Unknown, Text: r.err.Error()}
	case r.asked == 0 || !there(r.server.Addr):
		return sim.Evidence{Verdict: sim.Unknown, Text: fmt.Sprintf("%d refused connections while it was to be down", r.asked)}
	}
	return sim.Evidence{
		Verdict: sim.Pass, Text: fmt.Sprintf("%s refused %d connections over %s, and takes them again", r.server.Named, r.asked, r.gone.Round(time.Millisecond)),
		Values: map[string]float64{"refused": float64(r.asked), "gone_ms": r.gone.Seconds() * 1e3},
	}
}
