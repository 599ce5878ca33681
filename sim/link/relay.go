package link

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	pieceBytes = 32 << 10
	// queued bounds the pieces that wait on one way of one connection. When it is
	// reached nothing more is read from the sender, whose TCP window fills up.
	queued = 64
)

// relay is one connection over an edge: two sockets and what goes between them.
type relay struct {
	client, server *net.TCPConn
	valve          *valve
	once           sync.Once
	done           chan struct{} // closed when it is at its end
}

// piece is some bytes on their way; nil bytes are the end.
type piece struct {
	bytes []byte
	due   time.Time
}

// run carries bytes both ways until both have ended or the relay is closed.
func (r *relay) run() {
	var ways sync.WaitGroup
	ways.Go(func() { r.carry(requests, r.client, r.server) })
	ways.Go(func() { r.carry(answers, r.server, r.client) })
	ways.Wait()
	r.close(false)
}

// close ends the relay: with a reset, both sides find their connection broken;
// without, closed.
func (r *relay) close(reset bool) {
	r.once.Do(func() {
		close(r.done)
		for _, c := range []*net.TCPConn{r.client, r.server} {
			if reset {
				_ = c.SetLinger(0) // fails on a socket that is gone already
			}
			c.Close()
		}
	})
}

// carry writes to one side what it reads from the other. While nothing is held up
// it writes at once; otherwise the pieces wait in a queue until they are due.
func (r *relay) carry(w way, from, to *net.TCPConn) {
	queue := make(chan piece, queued)
	var waiting atomic.Int32
	var writer sync.WaitGroup
	started := false
	enqueue := func(p piece) bool {
		if !started {
			started = true
			writer.Go(func() { r.deliver(w, to, queue, &waiting) })
		}
		waiting.Add(1)
		select {
		case queue <- p:
			return true
		case <-r.done:
			return false
		}
	}
	buf := make([]byte, pieceBytes)
	for {
		n, err := from.Read(buf)
		direct := waiting.Load() == 0 && !r.valve.shaped.Load()
		switch {
		case n == 0:
		case direct:
			if !r.write(w, to, buf[:n]) {
				err = net.ErrClosed
			}
		case !enqueue(piece{append([]byte(nil), buf[:n]...), time.Now().Add(r.valve.delay(w))}):
			err = net.ErrClosed
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) {
			r.close(errors.Is(err, syscall.ECONNRESET))
		} else if waiting.Load() == 0 && !r.valve.shaped.Load() {
			_ = to.CloseWrite() // fails on a socket that is gone already
		} else {
			enqueue(piece{due: time.Now()})
		}
		close(queue)
		writer.Wait()
		return
	}
}

// deliver writes queued pieces when they are due and the way is not held back.
func (r *relay) deliver(w way, to *net.TCPConn, queue <-chan piece, waiting *atomic.Int32) {
	for p := range queue {
		if !r.until(p.due) || !r.released(w) {
			return
		}
		if p.bytes == nil {
			_ = to.CloseWrite() // fails on a socket that is gone already
		}
		for left := p.bytes; len(left) > 0; {
			n := r.valve.portion(len(left))
			if !r.admitted(w, n) || !r.write(w, to, left[:n]) {
				return
			}
			left = left[n:]
		}
		waiting.Add(-1)
	}
}

// until waits for a moment; it reports false when the relay ends first.
func (r *relay) until(at time.Time) bool {
	d := time.Until(at)
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.done:
		return false
	}
}

// released waits until a way is not held back.
func (r *relay) released(w way) bool {
	for {
		held, changed := r.valve.holds(w)
		if !held {
			return true
		}
		select {
		case <-changed:
		case <-r.done:
			return false
		}
	}
}

// admitted waits until the rate lets n bytes pass. A rate that changes in the
// meantime counts from then.
func (r *relay) admitted(w way, n int) bool {
	for {
		d, changed := r.valve.reserve(w, n)
		if d <= 0 {
			return true
		}
		began := time.Now()
		t := time.NewTimer(d)
		var shapeChanged, over bool
		select {
		case <-t.C:
		case <-changed:
			shapeChanged = true
		case <-r.done:
			over = true
		}
		t.Stop()
		r.valve.throttled.Add(int64(time.Since(began)))
		if !shapeChanged {
			return !over
		}
	}
}

func (r *relay) write(w way, to *net.TCPConn, b []byte) bool {
	n, err := to.Write(b)
	r.valve.passed[w].Add(int64(n))
	if err != nil {
		r.close(true)
	}
	return err == nil
}
