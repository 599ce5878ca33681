package load

import (
	"bufio"
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

	halfBody  = "HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf"
	halfChunk = "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhal"
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
	status := func(line string) func(*testing.T) string {
		return serve(answers("HTTP/1.1 " + line + "\r\nContent-Length: 0\r\n\r\n"))
	}
	const ok, fail, info, cut = sim.OutcomeOK, sim.OutcomeFail, sim.OutcomeInfo, "connection cut"
	for _, c := range []struct {
		why     string
		addr    func(*testing.T) string
		timeout time.Duration
		outcome sim.Outcome
		detail  string // the whole, or with a * before it a part
		phases  []Phase
	}{
		{"accepted", status("202 Accepted"), longTime, ok, "", nil},
		{"done", serve(answers("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")), longTime, ok, "", nil},
		{"refused in words, before any work", status("400 Bad Request"), longTime, fail, "400", nil},
		{"work may have begun", status("503 Service Unavailable"), longTime, info, "503", nil},
		{"no promise and no refusal", serve(answers("HTTP/1.1 304 Not Modified\r\n\r\n")), longTime, info, "304", nil},

		{"nobody listens", nobody, longTime, fail, "connection refused", []Phase{Dialing}},
		{"reset before a byte is read", serve(reset), longTime, info, cut, []Phase{Dialing, Writing, Waiting}},
		{"reset after the request", serve(func(c *net.TCPConn) { request(c); reset(c) }), longTime, info, cut, []Phase{Waiting}},
		{"closed after the request", serve(answers("")), longTime, info, cut, []Phase{Waiting}},
		{"closed within the header", serve(answers("HTTP/1.1 202 Acc")), longTime, info, cut, []Phase{Reading}},
		{"half a body", serve(answers(halfBody)), longTime, info, cut, []Phase{Reading}},
		{"half a chunk", serve(answers(halfChunk)), longTime, info, cut, []Phase{Reading}},
		{"no connection in time", full, askTime, info, "timeout", []Phase{Dialing}},
		{"no answer in time", serve(silent), askTime, info, "timeout", []Phase{Waiting}},
		{"no rest of the body in time", serve(func(c *net.TCPConn) {
			request(c)
			_, _ = io.WriteString(c, halfBody)
			silent(c)
		}), askTime, info, "timeout", []Phase{Reading}},
		{"no HTTP", serve(answers("magic\r\n\r\n")), longTime, info, "*malformed HTTP response \"magic\"", []Phase{Reading}},
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
