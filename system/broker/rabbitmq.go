package broker

import (
	"context"
	"errors"
	"fmt"
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
	rabbitDead       = "squall.dead"
	rabbitHeartbeat  = 5 * time.Second
	rabbitDialTime   = 5 * time.Second
	rabbitWriteTime  = 10 * time.Second   // for a write, and for the answer to a request
	headerAttempt    = "x-squall-attempt" // attempts made before this message was published for retry
	headerReason     = "x-squall-reason"
	headerQueue      = "x-squall-queue" // that a message was parked from
	headerTrace      = "traceparent"
	headerDeliveries = "x-delivery-count" // set by a quorum queue on redelivery
)

// rabbit is the RabbitMQ driver. The client library's own recovery stays off:
// each connection is made here and numbered, and an acknowledgement can only go
// to the channel its delivery came from. Publishing and consuming use separate
// connections, so that a blocked publisher never keeps an ack from going out.
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

func openRabbit(ctx context.Context, c Config, t Topology) (Broker, error) {
	r := &rabbit{cfg: c, topo: t, latest: map[string]*rabbitConn{}, nodes: strings.Split(c.Addr, ",")}
	// Clients begin with different nodes, so that a cluster shares the work.
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
		_ = r.Close()
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

// rabbitConn is one connection with one channel, and the socket under them,
// which can be closed whatever the protocol waits for.
type rabbitConn struct {
	*amqp.Connection
	ch  *amqp.Channel
	raw net.Conn
}

// boundedConn gives each write a deadline: a broker that stops reading must
// not hold a publisher for ever.
type boundedConn struct{ net.Conn }

func (c boundedConn) Write(b []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(time.Now().Add(rabbitWriteTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// dial connects to one node after another until one lets it in.
func (r *rabbit) dial(role string) (conn *rabbitConn, err error) {
	for range r.nodes {
		// A node that let us in is asked first the next time, too.
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
	defer c.hurry()()
	if c.ch, err = conn.Channel(); err != nil {
		c.close()
		return nil, err
	}
	return &c, nil
}

// hurry cuts the connection unless the function that it returns is called soon:
// the library waits without end for the answer to a request, and a queue that
// has lost its leader gives none.
func (c *rabbitConn) hurry() (done func() bool) {
	return time.AfterFunc(rabbitWriteTime, func() { c.raw.Close() }).Stop
}

// close ends the connection politely for half a second, then for good.
func (c *rabbitConn) close() {
	_ = c.CloseDeadline(time.Now().Add(500 * time.Millisecond))
	c.raw.Close()
}

// declare creates the exchanges and queues; doing it again changes nothing.
func (r *rabbit) declare() error {
	c, err := r.dial("declare")
	if err != nil {
		return err
	}
	defer c.close()
	defer c.hurry()()
	if err := declareRabbit(c.ch, r.topo); err != nil {
		var refusal *amqp.Error
		if errors.As(err, &refusal) && refusal.Code == amqp.PreconditionFailed {
			return backoff.Permanent(err)
		}
		return err
	}
	return nil
}

func declareRabbit(ch *amqp.Channel, t Topology) error {
	if err := ch.ExchangeDeclare(Exchange, "topic", true, false, false, false, nil); err != nil {
		return err
	}
	if err := ch.ExchangeDeclare(rabbitDead, "fanout", true, false, false, false, nil); err != nil {
		return err
	}
	queue := func(name string, args amqp.Table) error {
		args["x-queue-type"] = "quorum"
		if _, err := ch.QueueDeclare(name, true, false, false, false, args); err != nil {
			return fmt.Errorf("declare queue %s: %w", name, err)
		}
		return nil
	}
	if err := queue(Parked, amqp.Table{"x-delivery-limit": int32(-1)}); err != nil {
		return err
	}
	if err := ch.QueueBind(Parked, "", rabbitDead, false, nil); err != nil {
		return err
	}
	for _, d := range t.RetryDelays {
		if err := declareRetry(ch, queue, d); err != nil {
			return err
		}
	}
	for _, q := range t.Queues {
		args := amqp.Table{
			"x-delivery-limit":       int32(t.DeliveryLimit),
			"x-dead-letter-exchange": rabbitDead,
			// A dead letter is moved with confirms, so it cannot get lost on its way.
			"x-dead-letter-strategy": "at-least-once",
			"x-overflow":             "reject-publish",
		}
		if t.DropAtLimit {
			args = amqp.Table{"x-delivery-limit": int32(t.DeliveryLimit)}
		}
		if err := queue(q.Name, args); err != nil {
			return err
		}
		for _, typ := range q.Types {
			if err := ch.QueueBind(q.Name, typ, Exchange, false, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// declareRetry creates the waiting room for one delay: a queue whose messages
// expire into the default exchange, which takes them back to the queue that
// their routing key names.
func declareRetry(ch *amqp.Channel, queue func(string, amqp.Table) error, d time.Duration) error {
	name := retryName(d)
	if err := ch.ExchangeDeclare(name, "fanout", true, false, false, false, nil); err != nil {
		return err
	}
	err := queue(name, amqp.Table{
		"x-message-ttl":          int32(d.Milliseconds()),
		"x-dead-letter-exchange": "",
		"x-dead-letter-strategy": "at-least-once",
		"x-overflow":             "reject-publish",
	})
	if err != nil {
		return err
	}
	return ch.QueueBind(name, "", name, false, nil)
}

func retryName(d time.Duration) string { return fmt.Sprintf("squall.%s.%dms", Retry, d.Milliseconds()) }

// Depths asks the queues how many messages wait in them.
func (r *rabbit) Depths(ctx context.Context, names ...string) (map[string]Depth, error) {
	r.inspectMu.Lock()
	defer r.inspectMu.Unlock()
	if r.stopped.Err() != nil {
		return nil, ErrDisconnected
	}
	if r.inspect == nil || r.inspect.IsClosed() || r.inspect.ch.IsClosed() {
		if r.inspect != nil {
			r.inspect.close()
		}
		var err error
		if r.inspect, err = r.dial("inspect"); err != nil {
			r.inspect = nil
			return nil, fmt.Errorf("inspect: %w", err)
		}
	}
	defer r.inspect.hurry()()
	depths := map[string]Depth{}
	count := func(name, as string) error {
		q, err := r.inspect.ch.QueueDeclarePassive(name, true, false, false, false, nil)
		if err != nil {
			return fmt.Errorf("inspect queue %s: %w", name, err)
		}
		depths[as] = Depth{Ready: depths[as].Ready + int64(q.Messages), Unacked: -1}
		return nil
	}
	for _, name := range names {
		queues := []string{name}
		if name == Retry {
			queues = nil
			for _, d := range r.topo.RetryDelays {
				queues = append(queues, retryName(d))
			}
		}
		for _, q := range queues {
			if err := count(q, name); err != nil {
				return nil, err
			}
		}
	}
	return depths, nil
}
