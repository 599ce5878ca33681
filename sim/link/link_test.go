package link

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"squall/sim"
)

func open(t *testing.T, protocol, upstream string) (*Link, string) {
	t.Helper()
	l, addrs, err := Open("a->b", protocol, []string{upstream})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, addrs[0]
}

func TestDelayIsMeasuredAndEnds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	l, _ := open(t, "http", strings.TrimPrefix(server.URL, "http://"))
	trip := func() time.Duration {
		d, err := l.RoundTrip(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	before := trip()
	l.Shape(sim.Shape{Delay: 80 * time.Millisecond})
	if d := trip(); d < before+70*time.Millisecond {
		t.Errorf("a round trip took %s with 80ms of delay, %s without", d, before)
	}
	l.Shape(sim.Shape{})
	if d := trip(); d > before+70*time.Millisecond {
		t.Errorf("a round trip took %s after the delay, %s before", d, before)
	}
}

// TestDelayKeepsConnections: a connection that was open stays so, and is slow.
func TestDelayKeepsConnections(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	l, addr := open(t, "http", echo.Addr().String())
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	exchange := func() time.Duration {
		began := time.Now()
		if _, err := io.WriteString(conn, "x\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := answers.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	exchange()
	l.Shape(sim.Shape{Delay: 50 * time.Millisecond})
	if d := exchange(); d < 45*time.Millisecond {
		t.Errorf("an open connection answered in %s with 50ms of delay", d)
	}
	l.Shape(sim.Shape{})
	exchange()
}

// TestCutEndsConnections: those that were open end, and new ones get through.
func TestCutEndsConnections(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	l, addr := open(t, "http", strings.TrimPrefix(server.URL, "http://"))
	var conns []net.Conn
	for range 3 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	if n, err := l.Cut(); err != nil || n != 3 {
		t.Fatalf("cut %d connections, error %v; expected 3", n, err)
	}
	for _, c := range conns {
		patience(t, c, 10*time.Second)
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a connection is still open")
		}
	}
	if _, err := l.RoundTrip(t.Context()); err != nil {
		t.Errorf("after the cut: %v", err)
	}
}

func TestBlockRefusesUntilItIsLifted(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	l, addr := open(t, "http", strings.TrimPrefix(server.URL, "http://"))
	for range 2 { // blocking again does nothing
		if _, err := l.Block(true); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a blocked link let %v in, error %v", c, err)
	}
	for range 2 {
		if _, err := l.Block(false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.RoundTrip(t.Context()); err != nil {
		t.Errorf("after the block: %v", err)
	}
}

func TestRoundTripToNobody(t *testing.T) {
	gone := httptest.NewServer(nil)
	addr := strings.TrimPrefix(gone.URL, "http://")
	gone.Close()
	l, _ := open(t, "http", addr)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := l.RoundTrip(ctx); err == nil || !strings.Contains(err.Error(), "a->b") {
		t.Fatalf("error %v, expected one that names the link", err)
	}
}

func TestUnknownProtocol(t *testing.T) {
	if _, _, err := Open("a->b", "smoke", []string{"127.0.0.1:1"}); err == nil {
		t.Fatal("opened")
	}
}

// TestACountThatFailsIsTold: how many connections a fault ended is evidence, so
// a count that cannot be made is an error; the connections end all the same.
func TestACountThatFailsIsTold(t *testing.T) {
	l, addr := open(t, "http", echo(t))
	c := dial(t, addr)
	if _, err := io.WriteString(c, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	l.edges[0].addr = "nowhere"
	if n, err := l.Cut(); n != 0 || err == nil || !strings.Contains(err.Error(), "a->b") {
		t.Errorf("cut %d connections, error %v; expected an error that names the link", n, err)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection's read: %v, expected its end", err)
	}
}
