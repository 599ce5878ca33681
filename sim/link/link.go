package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"squall/sim"
)

// Link is one edge of the network: a proxy before each address of the side that
// is connected to.
type Link struct {
	name     string
	protocol string
	valve    *valve
	edges    []*edge

	mu      sync.Mutex
	blocked bool
}

var (
	_ sim.Shaper  = (*Link)(nil)
	_ sim.Cutter  = (*Link)(nil)
	_ sim.Counted = (*Link)(nil)
)

// Open puts a proxy before each upstream and returns their addresses, in the
// same order. protocol is "http", "amqp", "mysql" or "nats".
func Open(name, protocol string, upstreams []string) (*Link, []string, error) {
	if probes[protocol] == nil {
		return nil, nil, fmt.Errorf("open link %s: unknown protocol %q, expected http, amqp, mysql or nats", name, protocol)
	}
	l := &Link{name: name, protocol: protocol, valve: newValve()}
	var addrs []string
	for _, upstream := range upstreams {
		e, err := openEdge(upstream, l.valve)
		if err != nil {
			_ = l.Close()
			return nil, nil, err
		}
		l.edges = append(l.edges, e)
		addrs = append(addrs, e.addr)
	}
	return l, addrs, nil
}

// Name returns "from->to".
func (l *Link) Name() string { return l.name }

// Close ends the link and every connection over it.
func (l *Link) Close() error {
	for _, e := range l.edges {
		e.close()
	}
	return nil
}

// Shape makes the link's traffic worse; the zero Shape ends that.
func (l *Link) Shape(s sim.Shape) { l.valve.set(s) }

// Traffic returns what has crossed the link.
func (l *Link) Traffic() sim.Traffic { return l.valve.traffic() }

// Cut ends every connection over the link at once; new ones are let in. With an
// error of the count they have ended nevertheless.
func (l *Link) Cut() (cut int, err error) { return l.end(false) }

// Reset ends every connection with a TCP reset, and from then on each new one
// when it is as old as after, until Spare. With an error of the count they have
// ended nevertheless.
func (l *Link) Reset(after time.Duration) (cut int, err error) {
	for _, e := range l.edges {
		e.reset(&after)
	}
	return l.end(true)
}

// Spare ends the resets of new connections.
func (l *Link) Spare() {
	for _, e := range l.edges {
		e.reset(nil)
	}
}

// end ends every connection and counts those that the kernel showed open. An
// error says that they could not be counted.
func (l *Link) end(reset bool) (n int, err error) {
	for _, e := range l.edges {
		open, bad := connections(e.addr)
		e.cut(reset)
		n += open
		err = errors.Join(err, bad)
	}
	if err != nil {
		return n, fmt.Errorf("count the connections over %s: %w", l.name, err)
	}
	return n, nil
}

// Block ends every connection and refuses new ones, or lets them in again at the
// same addresses. Doing either again does nothing. With an error of the count
// the link is blocked nevertheless.
func (l *Link) Block(on bool) (cut int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if on == l.blocked {
		return 0, nil
	}
	l.blocked = on
	if on {
		for _, e := range l.edges {
			e.block()
		}
		return l.end(false)
	}
	var errs []error
	for _, e := range l.edges {
		if err := e.listen(); err != nil {
			l.blocked = true // to be tried again
			errs = append(errs, fmt.Errorf("open %s again: %w", l.name, err))
		}
	}
	return 0, errors.Join(errs...)
}

// RoundTrip measures one exchange through the link: the median over its
// upstreams of those that answer.
func (l *Link) RoundTrip(ctx context.Context) (time.Duration, error) {
	var trips []time.Duration
	var last error
	for _, e := range l.edges {
		d, err := probe(ctx, l.protocol, e.addr)
		if err != nil {
			last = err
			continue
		}
		trips = append(trips, d)
	}
	if len(trips) == 0 {
		return 0, fmt.Errorf("round trip over %s: %w", l.name, last)
	}
	slices.Sort(trips)
	return trips[len(trips)/2], nil
}

// OpenProbe opens a connection to the first of the upstreams that can be reached,
// over which a later question shows whether the link carries.
func (l *Link) OpenProbe(ctx context.Context) (sim.ProbeConn, error) {
	var last error
	for _, e := range l.edges {
		c, err := openProbe(ctx, l.protocol, e.addr)
		if err == nil {
			return c, nil
		}
		last = err
	}
	return nil, fmt.Errorf("connect over %s: %w", l.name, last)
}
