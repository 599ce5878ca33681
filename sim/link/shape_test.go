package link

import (
	"bufio"
	"errors"
	"io"
	"math"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// echo starts a server that sends back what it gets.
func echo(t *testing.T) string {
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
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// patience ends reads from c after d.
func patience(t *testing.T, c net.Conn, d time.Duration) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(d)); err != nil {
		t.Fatal(err)
	}
}

// TestHoldKeepsWhatIsSent: nothing gets through one way, the connection stays
// open, and all of it arrives in order once it may.
func TestHoldKeepsWhatIsSent(t *testing.T) {
	for _, hold := range []sim.Shape{{HoldRequests: true}, {HoldAnswers: true}, {HoldRequests: true, HoldAnswers: true}} {
		l, addr := open(t, "http", echo(t))
		c := dial(t, addr)
		lines := bufio.NewReader(c)
		say := func(text string) {
			if _, err := io.WriteString(c, text); err != nil {
				t.Fatal(err)
			}
		}
		say("before\n")
		if got, err := lines.ReadString('\n'); err != nil || got != "before\n" {
			t.Fatalf("saw %q, error %v", got, err)
		}
		l.Shape(hold)
		say("one\n")
		say("two\n")
		patience(t, c, 200*time.Millisecond)
		if got, err := lines.ReadString('\n'); err == nil {
			t.Fatalf("%+v: saw %q while held", hold, got)
		}
		l.Shape(sim.Shape{})
		patience(t, c, 10*time.Second)
		for _, want := range []string{"one\n", "two\n"} {
			if got, err := lines.ReadString('\n'); err != nil || got != want {
				t.Fatalf("%+v: saw %q, error %v, expected %q", hold, got, err, want)
			}
		}
	}
}

// ending returns how a new connection ends. One that is reset at once may be so
// before the dialer has looked at it: then it is the dial that says so.
func ending(addr string) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Read(make([]byte, 1))
	return err
}

// TestResetIsSeenAsOne: both an open connection and a new one end with
// ECONNRESET, and later ones live.
func TestResetIsSeenAsOne(t *testing.T) {
	l, addr := open(t, "http", echo(t))
	c := dial(t, addr)
	if _, err := io.WriteString(c, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { _, err := c.Read(make([]byte, 1)); ended <- err }()
	if n, err := l.Reset(0); n != 1 || err != nil {
		t.Fatalf("reset %d connections, error %v", n, err)
	}
	if err := <-ended; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the open connection ended with %v, expected ECONNRESET", err)
	}
	if err := ending(addr); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a new connection ended with %v, expected ECONNRESET", err)
	}
	const lives = 100 * time.Millisecond
	if _, err := l.Reset(lives); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := ending(addr); !errors.Is(err, syscall.ECONNRESET) || time.Since(began) < lives {
		t.Errorf("a new connection ended with %v after %s, expected ECONNRESET after %s", err, time.Since(began), lives)
	}
	l.Spare()
	again := dial(t, addr)
	if _, err := io.WriteString(again, "y"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(again, make([]byte, 1)); err != nil {
		t.Errorf("after the reset: %v", err)
	}
}

// TestRateIsKept sends more than the rate lets through, and counts.
func TestRateIsKept(t *testing.T) {
	const rate = 100_000.0
	l, addr := open(t, "http", echo(t))
	l.Shape(sim.Shape{Rate: rate})
	began := time.Now()
	var writers []net.Conn
	for range 2 { // together
		c := dial(t, addr)
		writers = append(writers, c)
		go func() { _, _ = c.Write(make([]byte, 60_000)) }() // the reader below misses what was not written
	}
	for _, c := range writers {
		patience(t, c, 30*time.Second)
		if _, err := io.ReadFull(c, make([]byte, 60_000)); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began).Seconds()
	tr := l.Traffic() // what is handed on is counted a moment later
	for deadline := time.Now().Add(10 * time.Second); tr.Answers < 120_000 && time.Now().Before(deadline); tr = l.Traffic() {
		clock.Sleep(t.Context(), time.Millisecond)
	}
	if tr.Requests != 120_000 || tr.Answers != 120_000 || tr.Throttled == 0 || tr.Accepted != 2 {
		t.Errorf("traffic %+v", tr)
	}
	if least := 120_000/rate - 2*burst; took < least {
		t.Errorf("120 kB took %.2f s at %v a second, expected %.2f or more", took, rate, least)
	}
}

// TestRateEndsWhileBytesWait: what waits goes out at once when the bound goes.
func TestRateEndsWhileBytesWait(t *testing.T) {
	l, addr := open(t, "http", echo(t))
	l.Shape(sim.Shape{Rate: 1000})
	c := dial(t, addr)
	if _, err := c.Write(make([]byte, 100_000)); err != nil { // a hundred seconds' worth
		t.Fatal(err)
	}
	l.Shape(sim.Shape{})
	patience(t, c, 20*time.Second)
	if _, err := io.ReadFull(c, make([]byte, 100_000)); err != nil {
		t.Fatal(err)
	}
}

// TestDelaysAreSpreadAsTold draws from each distribution. The bounds are ten
// standard errors of the mean away.
func TestDelaysAreSpreadAsTold(t *testing.T) {
	const n, d, j = 20_000, 100 * time.Millisecond, 20 * time.Millisecond
	for _, c := range []struct {
		spread     string
		mean, skew float64 // of delay - d in units of the jitter; skew: share of draws above the mean
	}{{"uniform", 0, 0.5}, {"normal", 0, 0.5}, {"pareto", 0.5, 0.30}} {
		v := newValve()
		v.set(sim.Shape{Delay: d, Jitter: j, Spread: c.spread})
		var draws []float64
		sum := 0.0
		for range n {
			x := float64(v.delay(answers)-d) / float64(j)
			draws = append(draws, x)
			sum += x
		}
		slices.Sort(draws)
		above, _ := slices.BinarySearch(draws, c.mean)
		share := 1 - float64(above)/n
		if mean := sum / n; math.Abs(mean-c.mean) > 0.1 || math.Abs(share-c.skew) > 0.05 {
			t.Errorf("%s: mean %.3f, %.3f above %v; expected %v and %v", c.spread, mean, share, c.mean, c.mean, c.skew)
		}
		if v.delay(requests) != 0 {
			t.Errorf("%s: requests are delayed", c.spread)
		}
	}
}

// TestHalfClose: one side's end reaches the other, which can still answer.
func TestHalfClose(t *testing.T) {
	for _, shape := range []sim.Shape{{}, {Delay: 30 * time.Millisecond}} {
		server, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { server.Close() })
		go func() {
			c, err := server.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			b, _ := io.ReadAll(c) // until the client's end
			_, _ = c.Write(b)     // the reader below misses what was not written
		}()
		l, addr := open(t, "http", server.Addr().String())
		l.Shape(shape)
		c := dial(t, addr).(*net.TCPConn)
		if _, err := io.WriteString(c, "all of it"); err != nil {
			t.Fatal(err)
		}
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		patience(t, c, 10*time.Second)
		if b, err := io.ReadAll(c); err != nil || string(b) != "all of it" {
			t.Errorf("%+v: saw %q, error %v", shape, b, err)
		}
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	exchange := func(b *testing.B, addr string) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		buf := make([]byte, 128)
		for b.Loop() {
			if _, err := c.Write(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(c, buf); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("direct", func(b *testing.B) { exchange(b, l.Addr().String()) })
	b.Run("proxied", func(b *testing.B) {
		link, addrs, err := Open("a->b", "http", []string{l.Addr().String()})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = link.Close() }()
		exchange(b, addrs[0])
	})
}
