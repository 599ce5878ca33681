package broker

import (
	"context"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// rabbitPublisher publishes over one connection at a time, in confirm mode,
// with any number of confirms in flight.
type rabbitPublisher struct {
	r     *rabbit
	ready chan struct{} // closed after the first connection

	sendMu sync.Mutex // one publish at a time: its sequence number counts the messages as they are written
	mu     sync.Mutex // guards what follows; never held while writing to the socket
	gen    *rabbitGeneration
	serial int
}

// rabbitGeneration holds what concerns one connection: its unanswered messages
// above all, since nobody answers them after its end.
type rabbitGeneration struct {
	conn     *rabbitConn
	number   int
	blocked  bool
	pending  map[uint64]unanswered // by delivery tag
	returned map[string]bool       // message ids that came back as unroutable
}

type unanswered struct {
	c  *Confirmation
	id string
}

// outgoing is a message and where it is published to.
type outgoing struct {
	exchange, key string
	mandatory     bool
	m             Message
	headers       amqp.Table
}

func (r *rabbit) Publish(m Message) *Confirmation {
	return r.pub.publish(outgoing{exchange: Exchange, key: m.Type, mandatory: !r.cfg.IgnoreUnroutable, m: m})
}

// publish registers a confirmation and writes the message to the socket.
func (p *rabbitPublisher) publish(o outgoing) *Confirmation {
	p.sendMu.Lock()
	defer p.sendMu.Unlock()
	p.mu.Lock()
	g := p.gen
	if g == nil || g.blocked {
		p.mu.Unlock()
		if g == nil {
			return answered(ErrDisconnected)
		}
		return answered(ErrBlocked)
	}
	c := NewConfirmation()
	tag := g.conn.ch.GetNextPublishSeqNo()
	g.pending[tag] = unanswered{c, o.m.ID}
	p.mu.Unlock()

	headers := amqp.Table{headerTrace: o.m.Trace}
	for k, v := range o.headers {
		headers[k] = v
	}
	ctx, cancel := context.WithTimeout(context.Background(), rabbitAnswerTime)
	defer cancel()
	err := g.conn.ch.PublishWithContext(ctx, o.exchange, o.key, o.mandatory, false, amqp.Publishing{
		Headers: headers, ContentType: "application/json", DeliveryMode: amqp.Persistent,
		MessageId: o.m.ID, Type: o.m.Type, Body: o.m.Body,
	})
	if err != nil {
		// The broker may have received it or not: when the connection ends, its
		// confirmation is ErrIndeterminate, like that of all others in flight.
		g.conn.raw.Close()
	}
	return c
}

// run keeps a connection up until the broker is closed.
func (p *rabbitPublisher) run() {
	delays := reconnectDelays()
	var once sync.Once
	for p.r.stopped.Err() == nil {
		conn, err := p.r.dial("publish")
		if err == nil {
			stopTimer := conn.requestTimer()
			err = conn.ch.Confirm(false)
			stopTimer()
			if err != nil {
				conn.close()
			}
		}
		if err != nil {
			pause(p.r.stopped, delays.NextBackOff())
			continue
		}
		delays.Reset()
		p.serve(conn, func() { once.Do(func() { close(p.ready) }) })
	}
}

// serve answers the confirms of one connection until it ends.
func (p *rabbitPublisher) serve(conn *rabbitConn, up func()) {
	// The library sends to these channels from the goroutine that reads the
	// socket, so they are buffered, and read until the connection ends.
	confirms := conn.ch.NotifyPublish(make(chan amqp.Confirmation, 4096))
	returns := conn.ch.NotifyReturn(make(chan amqp.Return, 4096))
	blocked := conn.NotifyBlocked(make(chan amqp.Blocking, 16))
	closed := conn.ch.NotifyClose(make(chan *amqp.Error, 1))

	p.mu.Lock()
	p.serial++
	g := &rabbitGeneration{conn: conn, number: p.serial, pending: map[uint64]unanswered{}, returned: map[string]bool{}}
	p.gen = g
	p.mu.Unlock()
	p.r.cfg.notify("broker.connected", "publish", "")
	up()

	for open := true; open; {
		select {
		case c, ok := <-confirms:
			if !ok {
				open = false
				break
			}
			// RabbitMQ sends a return before its confirm, so it is in the channel by now.
			p.collect(g, returns)
			p.confirm(g, c)
		case b, ok := <-blocked:
			if ok {
				p.block(g, b)
			} else {
				blocked = nil
			}
		case _ = <-closed: // end tells of it
			open = false
		case <-p.r.stopped.Done():
			open = false
		}
	}
	p.end(g, confirms, returns)
}

// collect notes the messages that came back as unroutable.
func (p *rabbitPublisher) collect(g *rabbitGeneration, returns <-chan amqp.Return) {
	for {
		select {
		case ret, ok := <-returns:
			if !ok {
				return
			}
			p.mu.Lock()
			g.returned[ret.MessageId] = true
			p.mu.Unlock()
		default:
			return
		}
	}
}

// confirm gives a message its answer. The library turns one confirm for several
// messages into one each.
func (p *rabbitPublisher) confirm(g *rabbitGeneration, c amqp.Confirmation) {
	p.mu.Lock()
	w, ok := g.pending[c.DeliveryTag]
	delete(g.pending, c.DeliveryTag)
	unroutable := g.returned[w.id]
	delete(g.returned, w.id)
	p.mu.Unlock()
	switch {
	case !ok:
	case unroutable:
		w.c.Resolve(ErrUnroutable)
	case !c.Ack:
		w.c.Resolve(ErrNacked)
	default:
		w.c.Resolve(nil)
	}
}

// block notes that RabbitMQ blocks publishers, or no longer does.
func (p *rabbitPublisher) block(g *rabbitGeneration, b amqp.Blocking) {
	p.mu.Lock()
	g.blocked = b.Active
	p.mu.Unlock()
	kind := "broker.unblocked"
	if b.Active {
		kind = "broker.blocked"
	}
	p.r.cfg.notify(kind, "publish", b.Reason)
}

// end closes a connection and answers its open messages with ErrIndeterminate.
// Confirms that were read before the end still count.
func (p *rabbitPublisher) end(g *rabbitGeneration, confirms <-chan amqp.Confirmation, returns <-chan amqp.Return) {
	p.mu.Lock()
	p.gen = nil
	p.mu.Unlock()
	g.conn.raw.Close()                   // a write that waits for the broker holds sendMu, which is taken below
	_ = g.conn.CloseDeadline(time.Now()) // the socket is closed already
	for drained := false; !drained; {
		select {
		case c, ok := <-confirms:
			if !ok {
				drained = true
				break
			}
			// When a channel ends, the library nacks what the broker has not answered.
			if c.Ack {
				p.collect(g, returns)
				p.confirm(g, c)
			}
		default:
			drained = true
		}
	}
	// A publish may have registered itself just before the generation ended.
	p.sendMu.Lock()
	p.mu.Lock()
	for tag, w := range g.pending {
		w.c.Resolve(ErrIndeterminate)
		delete(g.pending, tag)
	}
	p.mu.Unlock()
	p.sendMu.Unlock()
	p.r.cfg.notify("broker.lost", "publish", "")
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
