package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"squall/sim"
)

func init() {
	register(sim.FaultKind{
		Name:     "connection-storm",
		Summary:  "cuts every connection over a link at once, so that all reconnect together",
		Class:    sim.TargetLink,
		Evidence: "how many open connections the kernel showed at the cut, and a round trip over the link afterwards",
		Heals:    "new connections are let in at once",
		Example:  "{ connection-storm: broker, at: 10s }",
		Span:     func(sim.FaultSpec) time.Duration { return time.Millisecond },
		New:      func(c sim.FaultContext) sim.Injection { return &connectionStorm{proxies: c.Proxies} },
	})
}

type connectionStorm struct {
	proxies []sim.Proxy
	cut     map[string]int
	trouble error
}

func (s *connectionStorm) Inject(context.Context) (string, error) {
	s.cut = map[string]int{}
	var did []string
	for _, p := range s.proxies {
		n, err := p.(sim.Cutter).Cut()
		s.cut[p.Name()] = n
		s.trouble = errors.Join(s.trouble, err)
		did = append(did, fmt.Sprintf("%d of %s", n, p.Name()))
	}
	return "cut connections: " + strings.Join(did, ", "), s.trouble
}

// Heal finds out whether the links let anybody through again.
func (s *connectionStorm) Heal(ctx context.Context) error {
	for _, p := range s.proxies {
		if _, err := p.RoundTrip(ctx); err != nil {
			s.trouble = errors.Join(s.trouble, err)
		}
	}
	return nil
}

func (s *connectionStorm) Evidence() sim.Evidence {
	total := 0
	values := map[string]float64{}
	for name, n := range s.cut {
		total += n
		values[name] = float64(n)
	}
	if total == 0 || s.trouble != nil {
		return sim.Evidence{Verdict: sim.Unknown, Text: fmt.Sprintf("%d connections were cut; trouble: %v", total, s.trouble)}
	}
	return sim.Evidence{Verdict: sim.Pass, Text: fmt.Sprintf("%d open connections were cut, and the links answer again", total), Values: values}
}
