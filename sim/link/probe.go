package link

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// exchange is the shortest exchange of a protocol that makes the other side
// answer, without a login: what to say after connecting, if anything.
type exchange struct{ say string }

// probes holds an exchange for each protocol. MySQL and NATS servers speak
// first; AMQP answers its header with connection.start.
var probes = map[string]*exchange{
	"http":  {"GET /healthz HTTP/1.1\r\nHost: squall\r\nConnection: close\r\n\r\n"},
	"amqp":  {"AMQP\x00\x00\x09\x01"},
	"mysql": {},
	"nats":  {},
}

// probe measures from the start of the exchange to the first byte of the
// answer.
func probe(ctx context.Context, protocol, addr string) (time.Duration, error) {
	var d net.Dialer
	began := time.Now()
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if say := probes[protocol].say; say != "" {
		if _, err := io.WriteString(conn, say); err != nil {
			return 0, err
		}
	}
	var first [1]byte
	if _, err := io.ReadFull(conn, first[:]); err != nil {
		return 0, fmt.Errorf("no answer from %s: %w", addr, err)
	}
	return time.Since(began), nil
}
