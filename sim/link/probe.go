package link

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// exchange is the shortest exchange of a protocol that makes the other side
// answer, without a login.
type exchange struct {
	greets bool   // the server speaks first
	hello  string // what to send for a round trip; "" where its greeting is the answer
	ask    string // what a connection that is kept open sends, after the greeting
}

// probes holds an exchange for each protocol. AMQP answers its header with
// connection.start. MySQL and NATS servers greet; asked something that makes no
// sense they answer with an error.
var probes = map[string]*exchange{
	"http": {
		hello: "GET /healthz HTTP/1.1\r\nHost: squall\r\nConnection: close\r\n\r\n",
		ask:   "GET /healthz HTTP/1.1\r\nHost: squall\r\n\r\n",
	},
	"amqp":  {hello: "AMQP\x00\x00\x09\x01", ask: "AMQP\x00\x00\x09\x01"},
	"mysql": {greets: true, ask: "\x01\x00\x00\x01\x00"},
	"nats":  {greets: true, ask: "squall\r\n"},
}

// probe measures from the start of the exchange to the first byte of the
// answer.
func probe(ctx context.Context, protocol, addr string) (time.Duration, error) {
	began := time.Now()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if hello := probes[protocol].hello; hello != "" {
		if _, err := io.WriteString(conn, hello); err != nil {
			return 0, err
		}
	}
	if err := firstByte(conn); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

func firstByte(conn net.Conn) error {
	var first [1]byte
	if _, err := io.ReadFull(conn, first[:]); err != nil {
		return fmt.Errorf("no answer from %s: %w", conn.RemoteAddr(), err)
	}
	return nil
}

// probeConn is a connection over which a question can be asked later.
type probeConn struct {
	net.Conn
	ask string
}

// openProbe opens a connection and reads the greeting where there is one.
func openProbe(ctx context.Context, protocol, addr string) (*probeConn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if probes[protocol].greets {
		stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
		// A greeting is one packet, and nothing follows it.
		_, err = conn.Read(make([]byte, 4096))
		stop()
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("no greeting from %s: %w", addr, err)
	}
	return &probeConn{conn, probes[protocol].ask}, nil
}

// Probe sends the question.
func (c *probeConn) Probe() error {
	_, err := io.WriteString(c.Conn, c.ask)
	return err
}

// Answered waits for the first byte of the answer.
func (c *probeConn) Answered() error { return firstByte(c.Conn) }
