package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// watchEvery is how often a server is asked whether it is there.
const watchEvery = 10 * time.Millisecond

// serverDown brings a server down and, with the heal, up again.
type serverDown struct {
	control  sim.ServerControl
	name     string
	addr     string // of its first node
	orderly  bool
	status   string
	refused  int
	gone     time.Duration // from the first refusal to the last
	trouble  trouble
	down     bool
	stop     context.CancelFunc
	watching sync.WaitGroup
}

func newServerDown(orderly bool) func(sim.FaultContext) sim.Injection {
	return func(c sim.FaultContext) sim.Injection {
		return onServer(c, func(control sim.ServerControl) sim.Injection {
			return &serverDown{control: control, name: c.Server.Named, addr: c.Server.Addrs[0], orderly: orderly}
		})
	}
}

func (s *serverDown) Inject(ctx context.Context) (string, error) {
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.down, s.stop = true, stop
	s.watching.Go(func() { s.watch(watching) })
	var err error
	// The end of the load must not interrupt this half way: it could not be healed.
	s.status, err = s.control.Down(context.WithoutCancel(ctx), s.orderly)
	return fmt.Sprintf("%s is down: %s", s.name, s.status), s.trouble.add(err)
}

// watch counts how often the server could not be reached.
func (s *serverDown) watch(ctx context.Context) {
	var first time.Time
	for ctx.Err() == nil {
		if !reachable(s.addr) {
			if s.refused++; first.IsZero() {
				first = time.Now()
			}
			s.gone = time.Since(first)
		}
		clock.Sleep(ctx, watchEvery)
	}
}

// reachable reports whether a server sends something, or at least keeps a
// connection open for a moment: an engine's own proxy accepts connections for a
// container that is down, and ends them at once.
func reachable(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		return false
	}
	_, err = conn.Read(make([]byte, 1))
	var timeout net.Error
	return err == nil || errors.As(err, &timeout) && timeout.Timeout()
}

func (s *serverDown) Heal(ctx context.Context) error {
	if !s.down {
		return nil
	}
	err := s.control.Up(ctx)
	s.stop()
	s.watching.Wait()
	s.down = err != nil
	if err == nil {
		s.trouble.add(s.control.Answers(ctx))
	}
	return err
}

func (s *serverDown) Evidence() sim.Evidence {
	if err := s.trouble.seen(); err != nil || s.refused == 0 || s.status == "" {
		return unknown("%d refused connections while it was to be down: %v", s.refused, err)
	}
	return evident(map[string]float64{"refused": float64(s.refused), "gone_ms": s.gone.Seconds() * 1e3},
		"%s (%s) refused %d connections over %s, and answers again", s.name, strings.TrimSpace(s.status), s.refused, round(s.gone))
}
