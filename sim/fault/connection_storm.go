package fault

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name: "connection-storm", Group: "network", Class: sim.TargetLink,
		Needs:    []sim.Capability{sim.NetworkLink, sim.NetworkCut, sim.NetworkCount},
		Summary:  "cuts every connection over a link at once, so that all reconnect together, and measures the wave",
		Evidence: "how many open connections the kernel showed at the cut, and a round trip over the link afterwards",
		Heals:    "new connections are let in at once; the wave is watched for a while",
		Example:  "{ connection-storm: inventory, at: 10s, watch: 3s }",
		Fields:   []sim.Field{{Name: "watch", Type: "duration", Help: "how long the wave of new connections is watched (default: 2s)"}},
		Span:     func(f sim.FaultSpec) time.Duration { return f.Duration("watch", 2*time.Second) },
		New: func(c sim.FaultContext) sim.Injection {
			return onLinks(c, func(links []reconnecting) sim.Injection {
				return &connectionStorm{links: links, cut: map[string]int{}, over: make(chan struct{})}
			})
		},
	})
}

// reconnecting is a link whose connections can be ended and counted.
type reconnecting interface {
	cuttable
	sim.Counted
}

type connectionStorm struct {
	links    []reconnecting
	cut      map[string]int
	trouble  trouble
	began    time.Time
	watching sync.WaitGroup
	over     chan struct{} // closed by the heal
	once     sync.Once
	wave     wave
}

// wave is what was opened after the cut.
type wave struct {
	accepted int64         // new connections
	peak     int64         // of them within a tenth of a second
	back     time.Duration // until as many were open as before; 0: they were not
}

func (s *connectionStorm) Inject(context.Context) (string, error) {
	s.began = time.Now()
	before := s.traffic()
	var did []string
	for _, l := range s.links {
		n, err := l.Cut()
		s.cut[l.Name()] = n
		s.trouble.add(err)
		did = append(did, fmt.Sprintf("%d of %s", n, l.Name()))
	}
	s.watching.Go(func() { s.watch(before) })
	return "cut connections: " + strings.Join(did, ", "), s.trouble.seen()
}

func (s *connectionStorm) traffic() (sum sim.Traffic) {
	for _, l := range s.links {
		t := l.Traffic()
		sum.Accepted += t.Accepted
		sum.Open += t.Open
	}
	return sum
}

// watch looks at the wave every tenth of a second until the heal.
func (s *connectionStorm) watch(before sim.Traffic) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last := before.Accepted
	for {
		select {
		case <-tick.C:
		case <-s.over:
			return
		}
		now := s.traffic()
		s.wave.accepted = now.Accepted - before.Accepted
		s.wave.peak = max(s.wave.peak, now.Accepted-last)
		last = now.Accepted
		if s.wave.back == 0 && now.Open >= before.Open {
			s.wave.back = time.Since(s.began)
		}
	}
}

// Heal makes sure that the links carry again.
func (s *connectionStorm) Heal(ctx context.Context) error {
	s.once.Do(func() {
		close(s.over)
		s.watching.Wait()
		s.trouble.add(carry(ctx, s.links))
	})
	return nil
}

func (s *connectionStorm) Evidence() sim.Evidence {
	total := 0
	values := map[string]float64{
		"accepted": float64(s.wave.accepted), "peak_per_100ms": float64(s.wave.peak), "back_ms": s.wave.back.Seconds() * 1e3,
	}
	for name, n := range s.cut {
		total += n
		values[name] = float64(n)
	}
	if err := s.trouble.seen(); err != nil || total == 0 {
		return unknown("%d connections were cut; trouble: %v", total, err)
	}
	back := "fewer were open at the end than before"
	if s.wave.back > 0 {
		back = fmt.Sprintf("as many were open as before after %s", round(s.wave.back))
	}
	return evident(values, "%d open connections were cut; %d came anew, up to %d within 100ms, and %s",
		total, s.wave.accepted, s.wave.peak, back)
}
