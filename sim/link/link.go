package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// latencyToxic is the name under which a link's delay is known to Toxiproxy.
const latencyToxic = "latency"

// Link is one edge: a proxy for each upstream address.
type Link struct {
	name     string
	protocol string
	mu       sync.Mutex
	proxies  []*toxiproxy.Proxy
	delayed  bool
	blocked  bool
}

// Set opens links within one embedded Toxiproxy.
type Set struct {
	server *toxiproxy.ApiServer
}

// NewSet returns a Set.
func NewSet() *Set {
	return &Set{server: toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.New(io.Discard))}
}

// Open puts a proxy before each upstream and returns their addresses, in the
// same order. protocol is "http", "amqp", "mysql" or "nats".
func (s *Set) Open(name, protocol string, upstreams []string) (*Link, []string, error) {
	if probes[protocol] == nil {
		return nil, nil, fmt.Errorf("unknown protocol %q", protocol)
	}
	l := &Link{name: name, protocol: protocol}
	var addrs []string
	for i, upstream := range upstreams {
		p := toxiproxy.NewProxy(s.server, name+"#"+strconv.Itoa(i+1), "127.0.0.1:0", upstream)
		if err := p.Start(); err != nil {
			l.Close()
			return nil, nil, fmt.Errorf("proxy to %s: %w", upstream, err)
		}
		l.proxies = append(l.proxies, p)
		addrs = append(addrs, p.Listen)
	}
	return l, addrs, nil
}

// Name returns "from->to".
func (l *Link) Name() string { return l.name }

// Close ends the link and every connection over it.
func (l *Link) Close() error {
	for _, p := range l.proxies {
		p.Stop()
	}
	return nil
}

// Delay makes each answer take longer by delay plus or minus jitter (uniform);
// zero and zero end that. Connections stay open.
func (l *Link) Delay(delay, jitter time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, p := range l.proxies {
		if l.delayed {
			if err := p.Toxics.RemoveToxic(context.Background(), latencyToxic); err != nil && !errors.Is(err, toxiproxy.ErrToxicNotFound) {
				errs = append(errs, err)
			}
		}
		if delay == 0 && jitter == 0 {
			continue
		}
		toxic := map[string]any{
			"name": latencyToxic, "type": "latency", "stream": "downstream", "toxicity": 1.0,
			"attributes": map[string]any{"latency": delay.Milliseconds(), "jitter": jitter.Milliseconds()},
		}
		b, err := json.Marshal(toxic)
		if err == nil {
			_, err = p.Toxics.AddToxicJson(bytes.NewReader(b))
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	l.delayed = delay != 0 || jitter != 0
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("delay %s: %w", l.name, err)
	}
	return nil
}

// Cut ends every connection over the link at once, by closing the proxies and
// opening them again at the same addresses.
func (l *Link) Cut() (cut int, err error) {
	if cut, err = l.Block(true); err == nil {
		_, err = l.Block(false)
	}
	return cut, err
}

// Block closes the proxies, which ends every connection and refuses new ones, or
// opens them again at the same addresses. Doing either again does nothing.
func (l *Link) Block(on bool) (cut int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if on == l.blocked {
		return 0, nil
	}
	var errs []error
	for _, p := range l.proxies {
		if on {
			cut += connections(p.Listen)
			p.Stop()
		} else if err := p.Start(); err != nil && !errors.Is(err, toxiproxy.ErrProxyAlreadyStarted) {
			errs = append(errs, fmt.Errorf("open %s again: %w", l.name, err))
		}
	}
	if len(errs) == 0 {
		l.blocked = on
	}
	return cut, errors.Join(errs...)
}

// RoundTrip measures one exchange through the link: the median over its
// upstreams of those that answer.
func (l *Link) RoundTrip(ctx context.Context) (time.Duration, error) {
	var trips []time.Duration
	var last error
	for _, p := range l.proxies {
		d, err := probe(ctx, l.protocol, p.Listen)
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
