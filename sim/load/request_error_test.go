package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

const (
	askTime  = 300 * time.Millisecond // of a request whose answer does not come
	longTime = 20 * time.Second       // of everything that is to come
)

// server hands each connection that is made to serve, which owns it, and
// returns the address.
func server(t *testing.T, serve func(*net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c.(*net.TCPConn))
		}
	}()
	return l.Addr().String()
}

// nobody returns an address at which nobody listens any more.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// full returns an address at which new connections hang: its queue is full, and
// nobody takes from it.
func full(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 1)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}).String()
	for range 1000 {
		c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Fatal("1000 connections fit into a queue of 1")
	return ""
}

// request reads a whole request from a connection.
func request(c net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err == nil {
		_, _ = io.Copy(io.Discard, r.Body) // a client that goes away is one of the cases
	}
}

func reset(c *net.TCPConn) {
	_ = c.SetLinger(0) // without it the cases that want a reset fail
	c.Close()
}

// answers returns a server that reads the request, writes a text and ends the
// connection.
func answers(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) { request(c); _, _ = io.WriteString(c, text); c.Close() }
}

// silent reads what comes until the other side ends it.
func silent(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c); c.Close() }

// TestOutcomeOfEachEnd sends one request to a server that behaves in one way,
// over real sockets. The audit rests on fail against info: fail only where the
// order cannot have been seen by anybody, or was refused in words.
func TestOutcomeOfEachEnd(t *testing.T) {
	serve := func(f func(*net.TCPConn)) func(*testing.T) string {
		return func(t *testing.T) string { return server(t, f) }
	}
	for _, c := range []struct {
		why     string
		addr    func(*testing.T) string
		timeout time.Duration
		outcome sim.Outcome
		detail  string // the whole, or with a * before it a part
		phases  []Phase
	}{
		{"accepted", serve(answers("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")), longTime, sim.OutcomeOK, "", nil},
		{"done", serve(answers("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")), longTime, sim.OutcomeOK, "", nil},
		{"refused in words, before any work", serve(answers("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")), longTime, sim.OutcomeFail, "400", nil},
		{"work may have begun", serve(answers("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")), longTime, sim.OutcomeInfo, "503", nil},
		{"no promise and no refusal", serve(answers("HTTP/1.1 304 Not Modified\r\n\r\n")), longTime, sim.OutcomeInfo, "304", nil},

		{"nobody listens", nobody, longTime, sim.OutcomeFail, "connection refused", []Phase{Dialing}},
		{"reset before a byte is read", serve(reset), longTime, sim.OutcomeInfo, "connection cut", []Phase{Dialing, Writing, Waiting}},
		{"reset after the request", serve(func(c *net.TCPConn) { request(c); reset(c) }), longTime, sim.OutcomeInfo, "connection cut", []Phase{Waiting}},
		{"closed after the request", serve(answers("")), longTime, sim.OutcomeInfo, "connection cut", []Phase{Waiting}},
		{"closed within the header", serve(answers("HTTP/1.1 202 Acc")), longTime, sim.OutcomeInfo, "connection cut", []Phase{Reading}},
		{"half a body", serve(answers("HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf")), longTime, sim.OutcomeInfo, "connection cut", []Phase{Reading}},
		{"half a chunk", serve(answers("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhal")), longTime, sim.OutcomeInfo, "connection cut", []Phase{Reading}},
		{"no connection in time", full, askTime, sim.OutcomeInfo, "timeout", []Phase{Dialing}},
		{"no answer in time", serve(silent), askTime, sim.OutcomeInfo, "timeout", []Phase{Waiting}},
		{"no rest of the body in time", serve(func(c *net.TCPConn) {
			request(c)
			_, _ = io.WriteString(c, "HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf")
			silent(c)
		}), askTime, sim.OutcomeInfo, "timeout", []Phase{Reading}},
		{"no HTTP", serve(answers("magic\r\n\r\n")), longTime, sim.OutcomeInfo, "*malformed HTTP response \"magic\"", []Phase{Reading}},
	} {
		t.Run(c.why, func(t *testing.T) {
			addr := c.addr(t)
			e := sendOne(t, addr, c.timeout)
			want, part := strings.CutPrefix(c.detail, "*")
			if e.Outcome != c.outcome || !(e.Detail == want || part && strings.Contains(e.Detail, want)) {
				t.Errorf("%s, %q; expected %s, %q", e.Outcome, e.Detail, c.outcome, c.detail)
			}
			failed := roundTrip(t, addr, c.timeout)
			if (failed == nil) != (c.phases == nil) {
				t.Fatalf("the error is %v, expected one in a phase of %v", failed, c.phases)
			}
			if failed != nil && !slices.Contains(c.phases, failed.Phase) {
				t.Errorf("it failed %s (%v), expected a phase of %v", failed.Phase, failed, c.phases)
			}
		})
	}
}

func oneOrder(addr string, timeout time.Duration) sim.Attack {
	return sim.Attack{
		Schedule: &sim.Schedule{At: []time.Duration{0}, Orders: []sim.Order{{SKU: 1, Qty: 1, Amount: 100}}},
		Start:    clock.Now(), Timeout: timeout, Counted: &sim.Counters{}, Targets: []string{addr},
	}
}

// sendOne runs a load of one request and returns its event.
func sendOne(t *testing.T, addr string, timeout time.Duration) (e sim.Event) {
	t.Helper()
	a := oneOrder(addr, timeout)
	n := 0
	a.Write = func(one sim.Event) { e = one; n++ }
	if _, err := Run(t.Context(), a); err != nil || n != 1 {
		t.Fatalf("%d events, error %v; expected one event", n, err)
	}
	return e
}

// roundTrip sends one request as Run does, and returns the typed error.
func roundTrip(t *testing.T, addr string, timeout time.Duration) *RequestError {
	t.Helper()
	transport := newTransport()
	defer transport.CloseIdleConnections()
	s := &scheduled{ctx: t.Context(), attack: oneOrder(addr, timeout), next: transport}
	ask(t, &http.Client{Timeout: timeout, Transport: s})
	return s.failures.take(0)
}

// ask sends request 0 and reads the answer to its end.
func ask(t *testing.T, client *http.Client) (answered bool) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://ignored/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Vegeta-Seq", "0")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil
}

// TestRequestGivenUpIsInterrupted: a request that is on its way when the trial
// ends is not the system's failure.
func TestRequestGivenUpIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := oneOrder(server(t, func(c *net.TCPConn) { request(c); cancel(); silent(c) }), longTime)
	var e sim.Event
	a.Write = func(one sim.Event) { e = one }
	if _, err := Run(ctx, a); err != nil || e.Outcome != sim.OutcomeInfo || e.Detail != "interrupted" {
		t.Fatalf("%s, %q, error %v; expected info, interrupted", e.Outcome, e.Detail, err)
	}
}

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

// TestReadsThatFailSayTheSame: the probes' reads use the same words.
func TestReadsThatFailSayTheSame(t *testing.T) {
	transport := newTransport()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: askTime}
	for _, c := range []struct{ addr, detail string }{
		{nobody(t), "connection refused"},
		{server(t, answers("")), "connection cut"},
		{server(t, answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")), "connection cut"},
		{server(t, silent), "timeout"},
	} {
		if e := read(t.Context(), client, c.addr, "o-1"); e.Outcome != sim.OutcomeInfo || e.Detail != c.detail {
			t.Errorf("%s, %q; expected info, %q", e.Outcome, e.Detail, c.detail)
		}
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
		{"the transport has no type for a kept connection's end", errors.New("server closed idle connection"), Writing, []use{used(200, 200, true)}, Cut},
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
