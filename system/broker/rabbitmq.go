package broker

import (
	"context"
	"hash/crc32"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

func init() { register("rabbitmq", openRabbit) }

const (
	rabbitDead       = "squall.dead" // the exchange of messages that reached the delivery limit
	rabbitHeartbeat  = 5 * time.Second
	rabbitDialTime   = 5 * time.Second
	rabbitAnswerTime = 10 * time.Second   // for a write, and for the answer to a request
	headerAttempt    = "x-squall-attempt" // attempts made before this message was published for retry
	headerReason     = "x-squall-reason"
	headerQueue      = "x-squall-queue" // that a message was parked from
	headerTrace      = "traceparent"
	headerDeliveries = "x-delivery-count" // set by a quorum queue on redelivery
)

// rabbit is the RabbitMQ driver. It does not use the client library's own
// recovery: each connection is made here and numbered, and an acknowledgement
// can only go to the channel that its delivery came from. Publishing and
// consuming use separate connections, since RabbitMQ stops reading from one
// that publishes while an alarm is on, acknowledgements included.
type rabbit struct {
	cfg     Config
	topo    Topology
	stop    context.CancelFunc
	stopped context.Context
	pub     *rabbitPublisher
	wg      sync.WaitGroup
	nodes   []string      // host:port
	next    atomic.Uint32 // the node to connect to next

	latestMu sync.Mutex
	latest   map[string]*rabbitConn // by queue: the connection that consumes it

	inspectMu sync.Mutex
	inspect   *rabbitConn
}

func openRabbit(ctx context.Context, c Config, t Topology) (Conn, error) {
	r := &rabbit{cfg: c, topo: t, latest: map[string]*rabbitConn{}, nodes: strings.Split(c.Addr, ",")}
	// Clients begin with different nodes, so that all nodes of a cluster get work.
	r.next.Store(crc32.ChecksumIEEE([]byte(c.Client)))
	r.stopped, r.stop = context.WithCancel(context.Background())
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, r.declare() },
		backoff.WithBackOff(reconnectDelays()), backoff.WithMaxElapsedTime(0))
	if err != nil {
		r.stop()
		return nil, err
	}
	r.pub = &rabbitPublisher{r: r, ready: make(chan struct{})}
	r.wg.Go(r.pub.run)
	select {
	case <-r.pub.ready:
		return r, nil
	case <-ctx.Done():
		_ = r.Close() // it returns nil
		return nil, ctx.Err()
	}
}

func (r *rabbit) Close() error {
	r.stop()
	r.inspectMu.Lock()
	if r.inspect != nil {
		r.inspect.close()
		r.inspect = nil
	}
	r.inspectMu.Unlock()
	r.wg.Wait()
	return nil
}

func reconnectDelays() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 50*time.Millisecond, time.Second
	return b
}

// rabbitConn is one connection with one channel, and its socket, which can be
// closed even while the library waits for an answer.
type rabbitConn struct {
	*amqp.Connection
	ch  *amqp.Channel
	raw net.Conn
}

// boundedConn gives each write a deadline: without one, a broker that stops
// reading would keep a publisher waiting without end.
type boundedConn struct{ net.Conn }

func (c boundedConn) Write(b []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(time.Now().Add(rabbitAnswerTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// dial asks one node after another until one accepts the connection.
func (r *rabbit) dial(role string) (conn *rabbitConn, err error) {
	for range r.nodes {
		// The node that accepted is asked first the next time, too.
		n := r.next.Load()
		if conn, err = r.dialNode(r.nodes[int(n)%len(r.nodes)], role); err == nil {
			return conn, nil
		}
		r.next.CompareAndSwap(n, n+1)
	}
	return nil, err
}

func (r *rabbit) dialNode(node, role string) (*rabbitConn, error) {
	var c rabbitConn
	props := amqp.NewConnectionProperties()
	props.SetClientConnectionName(r.cfg.Client + " " + role)
	conn, err := amqp.DialConfig("amqp://"+node, amqp.Config{
		SASL:       []amqp.Authentication{&amqp.PlainAuth{Username: r.cfg.User, Password: r.cfg.Password}},
		Vhost:      r.cfg.VHost,
		Heartbeat:  rabbitHeartbeat,
		Properties: props,
		Dial: func(network, addr string) (net.Conn, error) {
			raw, err := net.DialTimeout(network, addr, rabbitDialTime)
			if err != nil {
				return nil, err
			}
			c.raw = raw
			// The library clears the deadline once the connection is open.
			return boundedConn{raw}, raw.SetDeadline(time.Now().Add(rabbitDialTime))
		},
	})
	if err != nil {
		if c.raw != nil {
			c.raw.Close()
		}
		return nil, err
	}
	c.Connection = conn
	defer c.requestTimer()()
	if c.ch, err = conn.Channel(); err != nil {
		c.close()
		return nil, err
	}
	return &c, nil
}

// requestTimer closes the socket after rabbitAnswerTime unless the function that
// it returns is called before: the library waits without end for the answer to a
// request, and a queue that has lost its leader gives none.
func (c *rabbitConn) requestTimer() (stop func() bool) {
	return time.AfterFunc(rabbitAnswerTime, func() { c.raw.Close() }).Stop
}

// close ends the connection as the protocol has it, in half a second at most,
// and then closes the socket.
func (c *rabbitConn) close() {
	_ = c.CloseDeadline(time.Now().Add(500 * time.Millisecond)) // the socket is closed either way
	c.raw.Close()
}
