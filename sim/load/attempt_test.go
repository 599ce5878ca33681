package load

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"squall/sim/clock"
)

// TestKeptConnectionThatEnds asks twice over a transport that keeps its
// connection, from a server that is gone the second time.
func TestKeptConnectionThatEnds(t *testing.T) {
	const accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
	for _, c := range []struct {
		why    string
		second func(c *net.TCPConn) // what becomes of the kept connection; the listener is closed before
		early  bool                 // before the second request is sent
		key    string               // an Idempotency-Key lets the transport send the request again by itself
		kind   ErrorKind
	}{
		{"it was closed while idle: nothing of the request was written", func(c *net.TCPConn) { c.Close() }, true, "", Refused},
		{"it took the request and was reset", func(c *net.TCPConn) { request(c); reset(c) }, false, "", Cut},
		{"it took the request, and sending it again is refused", func(c *net.TCPConn) { request(c); c.Close() }, false, "k", Cut},
	} {
		t.Run(c.why, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				conn, err := l.Accept()
				if err != nil {
					return
				}
				l.Close()
				request(conn)
				_, _ = io.WriteString(conn, accepted)
				c.second(conn.(*net.TCPConn))
			}()
			kept := newTransport()
			defer kept.CloseIdleConnections()
			var taken *countedConn
			kept.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := dial(ctx, network, addr)
				if err == nil {
					taken = conn.(*countedConn)
				}
				return conn, err
			}
			s := &scheduled{ctx: t.Context(), attack: oneOrder(l.Addr().String(), longTime), next: keyed{kept, c.key}}
			client := &http.Client{Timeout: longTime, Transport: s}
			if !ask(t, client) {
				t.Fatalf("the first request: %v", s.failures.take(0))
			}
			if c.early {
				<-ended
				for deadline := time.Now().Add(longTime); !taken.cut.Load(); { // the transport has seen it
					if time.Now().After(deadline) {
						t.Fatal("the connection's end was not seen")
					}
					clock.Sleep(t.Context(), time.Millisecond)
				}
			}
			if ask(t, client) {
				t.Fatal("the second request was answered")
			}
			if failed := s.failures.take(0); failed == nil || failed.Kind != c.kind {
				t.Errorf("saw %v, expected the kind %q", failed, c.kind)
			}
		})
	}
}

// keyed gives each request an Idempotency-Key, unless that is "".
type keyed struct {
	http.RoundTripper
	key string
}

func (k keyed) RoundTrip(req *http.Request) (*http.Response, error) {
	if k.key != "" {
		req.Header.Set("Idempotency-Key", k.key)
	}
	return k.RoundTripper.RoundTrip(req)
}

// TestPhasesOfAStalledRequest: two phases that a small request over plain HTTP
// does not stay in.
func TestPhasesOfAStalledRequest(t *testing.T) {
	for _, c := range []struct {
		why, scheme string
		body        int
		phase       Phase
	}{
		{"nobody reads a long body", "http", 64 << 20, Writing},
		{"nobody answers the handshake", "https", 1, Handshaking},
	} {
		hold := make(chan struct{})
		defer close(hold)
		addr := server(t, func(conn *net.TCPConn) { <-hold; conn.Close() })
		ctx, cancel := context.WithTimeout(t.Context(), askTime)
		defer cancel()
		a := &attempt{}
		req, err := http.NewRequestWithContext(a.traced(ctx), http.MethodPost, c.scheme+"://"+addr+"/", bytes.NewReader(make([]byte, c.body)))
		if err != nil {
			t.Fatal(err)
		}
		transport := newTransport()
		_, err = transport.RoundTrip(req)
		if err == nil {
			t.Fatalf("%s: it was answered", c.why)
		}
		if e := a.failed(err); e.Kind != Timeout || e.Phase != c.phase || !errors.Is(e, err) {
			t.Errorf("%s: saw %v, expected a timeout %s", c.why, e, c.phase)
		}
		transport.CloseIdleConnections()
	}
}

// TestKindRestsOnTheConnections: what the error alone does not say, the
// connections that the request was given do.
func TestKindRestsOnTheConnections(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	used := func(before, after int64, cut bool) use {
		c := &countedConn{}
		c.written.Store(after)
		c.cut.Store(cut)
		return use{c, before}
	}
	for _, c := range []struct {
		why   string
		err   error
		phase Phase
		uses  []use
		kind  ErrorKind
	}{
		{"no connection was made", refused, Dialing, nil, Refused},
		{"a kept connection was dead before a byte of this request", refused, Dialing, []use{used(200, 200, true)}, Refused},
		{"a kept connection took a byte of this request", refused, Dialing, []use{used(200, 201, true)}, Cut},
		{"the first of two took a byte", refused, Dialing, []use{used(0, 1, true), used(200, 200, true)}, Cut},
		{"a refusal that is not the dialer's", refused, Waiting, nil, Cut},
		{"the transport has no type for a kept connection's end", errors.New("server closed idle connection"),
			Writing, []use{used(200, 200, true)}, Cut},
		{"the connection lives", errors.New("malformed answer"), Reading, []use{used(0, 200, false)}, Other},
		{"only an earlier connection was cut", errors.New("malformed answer"), Reading, []use{used(0, 0, true), used(0, 200, false)}, Other},
		{"its time was up, and then it was closed", context.DeadlineExceeded, Waiting, []use{used(0, 200, true)}, Timeout},
	} {
		a := &attempt{uses: c.uses}
		a.phase.Store(int32(c.phase))
		if e := a.failed(c.err); e.Kind != c.kind {
			t.Errorf("%s: saw %v, expected the kind %q", c.why, e, c.kind)
		}
	}
}
