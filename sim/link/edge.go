package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// dialTime bounds the connection to an upstream.
const dialTime = 5 * time.Second

// edge is the proxy before one upstream address. It keeps its own address while
// it is blocked.
type edge struct {
	addr, upstream string
	valve          *valve

	mu       sync.Mutex
	listener net.Listener   // nil while blocked
	resets   *time.Duration // how long a connection lives before it is reset; nil: for ever
	relays   map[*relay]bool
	running  sync.WaitGroup
}

func openEdge(upstream string, v *valve) (*edge, error) {
	e := &edge{addr: "127.0.0.1:0", upstream: upstream, valve: v, relays: map[*relay]bool{}}
	return e, e.listen()
}

// listen takes connections, unless it does so already.
func (e *edge) listen() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", e.addr)
	if err != nil {
		return fmt.Errorf("proxy to %s: %w", e.upstream, err)
	}
	e.listener, e.addr = l, l.Addr().String()
	e.running.Go(func() { e.accept(l) })
	return nil
}

// block refuses new connections.
func (e *edge) block() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listener != nil {
		e.listener.Close()
		e.listener = nil
	}
}

// cut ends every connection and returns how many there were.
func (e *edge) cut(reset bool) int {
	e.mu.Lock()
	var all []*relay
	for r := range e.relays {
		all = append(all, r)
	}
	e.mu.Unlock()
	for _, r := range all {
		r.close(reset)
	}
	return len(all)
}

// reset makes every new connection end with a reset when it is as old as after;
// nil ends that.
func (e *edge) reset(after *time.Duration) {
	e.mu.Lock()
	e.resets = after
	e.mu.Unlock()
}

// close ends the edge and waits for all that it has started.
func (e *edge) close() {
	e.block()
	e.cut(false)
	e.running.Wait()
}

func (e *edge) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as too many open files, which may end
			time.Sleep(time.Millisecond)
			continue
		}
		e.valve.accepted.Add(1)
		e.running.Go(func() { e.serve(l, conn.(*net.TCPConn)) })
	}
}

// serve connects a client with the upstream. When the upstream cannot be reached
// the client's connection is reset: it was accepted, so it can no longer be
// refused.
func (e *edge) serve(l net.Listener, client *net.TCPConn) {
	refuse := func() {
		_ = client.SetLinger(0) // fails on a socket that is gone already
		client.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	upstream, err := (&net.Dialer{}).DialContext(ctx, "tcp", e.upstream)
	if err != nil {
		refuse()
		return
	}
	r := &relay{client: client, server: upstream.(*net.TCPConn), valve: e.valve, done: make(chan struct{})}
	if !e.add(l, r) {
		upstream.Close()
		refuse()
		return
	}
	e.valve.open.Add(1)
	r.run()
	e.valve.open.Add(-1)
	e.mu.Lock()
	delete(e.relays, r)
	e.mu.Unlock()
}

// add enters a relay, unless the edge was blocked while it was made, or resets
// every connection at once.
func (e *edge) add(l net.Listener, r *relay) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listener != l || e.resets != nil && *e.resets <= 0 {
		return false
	}
	if e.resets != nil {
		timer := time.AfterFunc(*e.resets, func() { r.close(true) })
		e.running.Go(func() { <-r.done; timer.Stop() })
	}
	e.relays[r] = true
	return true
}
