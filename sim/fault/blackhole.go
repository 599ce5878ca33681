package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"squall/sim"
)

// ways are the directions of a blackhole.
var ways = []string{"both", "requests", "answers"}

func init() {
	register(sim.FaultKind{
		Name: "blackhole", Group: "network", Class: sim.TargetLink,
		Needs: []sim.Capability{sim.NetworkLink, sim.NetworkShape, sim.NetworkCount},
		Summary: "lets nothing through a link, one way or both: connections stay open and new ones can be made, but nothing arrives; " +
			"heartbeats and timeouts decide",
		Evidence: "a connection opened before asks a question and gets no answer while it is in force, and an exchange succeeds afterwards",
		Heals:    "what was held back arrives, as after packets that were sent again",
		Example:  "{ blackhole: inventory, at: 10s, for: 4s, way: both }",
		More:     []string{"{ blackhole: inventory, at: 10s, for: 4s, way: answers }"},
		Fields:   []sim.Field{{Name: "way", Type: "word", Words: ways, Help: "which way nothing gets through (default: both)"}},
		NeedsFor: true, Span: lasting,
		New: func(c sim.FaultContext) sim.Injection {
			way := c.Spec.Word("way", "both")
			shape := sim.Shape{HoldRequests: way != "answers", HoldAnswers: way != "requests"}
			return onLinks(c, func(links []measurable) sim.Injection {
				return &blackhole{links: links, patience: min(time.Second, c.Spec.For/2), way: way, shape: shape}
			})
		},
	})
}

type blackhole struct {
	links    []measurable
	way      string
	shape    sim.Shape
	patience time.Duration
	probes   []sim.ProbeConn // one per link
	open     int64           // connections that it left open
	unheard  chan int        // probes that got no answer; nil: not injected
	silent   int
	trouble  trouble
	inForce  bool
}

// Prepare opens a connection over each link.
func (b *blackhole) Prepare(ctx context.Context) error {
	var err error
	b.probes, err = openProbes(ctx, b.links)
	return b.trouble.add(err)
}

func (b *blackhole) Inject(context.Context) (string, error) {
	b.inForce = true
	for _, l := range b.links {
		l.Shape(b.shape)
		b.open += l.Traffic().Open
	}
	b.unheard = make(chan int, 1)
	go func() { b.unheard <- b.ask() }()
	return fmt.Sprintf("nothing gets through %s (%s); %d connections stay open", names(b.links), b.way, b.open), nil
}

// ask has every probe ask, and counts those that got no answer.
func (b *blackhole) ask() (silent int) {
	deadline := time.Now().Add(b.patience)
	for _, p := range b.probes {
		if b.trouble.add(p.Probe()) != nil {
			continue
		}
		b.trouble.add(p.SetReadDeadline(deadline))
		err := p.Answered()
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			silent++
		}
	}
	return silent
}

func (b *blackhole) Heal(ctx context.Context) error {
	defer func() {
		for _, p := range b.probes {
			p.Close()
		}
	}()
	if !b.inForce {
		return nil
	}
	b.inForce = false
	b.silent = <-b.unheard
	for _, l := range b.links {
		l.Shape(sim.Shape{})
	}
	b.trouble.add(carry(ctx, b.links))
	return nil
}

func (b *blackhole) Evidence() sim.Evidence {
	if err := b.trouble.seen(); err != nil || b.silent < len(b.links) || len(b.links) == 0 {
		return unknown("%d of %d questions got no answer: %v", b.silent, len(b.links), err)
	}
	return evident(map[string]float64{"open": float64(b.open), "silent": float64(b.silent)},
		"over %s a question got no answer for %s, while %d connections stayed open; all answer again", names(b.links), b.patience, b.open)
}
