package broker

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func (r *rabbit) Consume(ctx context.Context, queue string, prefetch int, deliver func(*Delivery)) error {
	delays := reconnectDelays()
	for generation := 1; ; generation++ {
		began := time.Now()
		err := r.consume(ctx, generation, queue, prefetch, deliver)
		if ctx.Err() != nil || r.stopped.Err() != nil {
			return ctx.Err()
		}
		if time.Since(began) > 5*time.Second {
			delays.Reset()
		}
		r.cfg.notify("broker.lost", "consume", fmt.Sprint(err))
		pause(ctx, delays.NextBackOff())
	}
}

// consume serves one connection until it is lost or ctx ends.
func (r *rabbit) consume(ctx context.Context, generation int, queue string, prefetch int, deliver func(*Delivery)) error {
	conn, err := r.dial("consume")
	if err != nil {
		return err
	}
	defer conn.close()
	stopTimer := conn.requestTimer()
	defer stopTimer()
	if err := conn.ch.Qos(prefetch, 0, false); err != nil {
		return err
	}
	closed := conn.ch.NotifyClose(make(chan *amqp.Error, 1))
	deliveries, err := conn.ch.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	stopTimer()
	r.consuming(queue, conn)
	r.cfg.notify("broker.connected", "consume", fmt.Sprintf("generation %d", generation))
	for {
		select {
		case d, ok := <-deliveries:
			if !ok {
				return fmt.Errorf("connection lost: %v", <-closed)
			}
			deliver(r.delivery(conn, generation, queue, d))
		case <-ctx.Done():
			return nil
		case <-r.stopped.Done():
			return nil
		}
	}
}

// consuming returns the connection that consumes a queue at present, after
// setting it to conn unless that is nil.
func (r *rabbit) consuming(queue string, conn *rabbitConn) *rabbitConn {
	r.latestMu.Lock()
	defer r.latestMu.Unlock()
	if conn != nil {
		r.latest[queue] = conn
	}
	return r.latest[queue]
}

func (r *rabbit) delivery(conn *rabbitConn, generation int, queue string, d amqp.Delivery) *Delivery {
	attempt := int(tableInt(d.Headers, headerAttempt) + tableInt(d.Headers, headerDeliveries) + 1)
	trace, _ := d.Headers[headerTrace].(string)
	m := Message{ID: d.MessageId, Type: d.Type, Body: d.Body, Trace: trace}
	return &Delivery{
		Message: m, Attempt: attempt, Redelivery: d.Redelivered || attempt > 1, Generation: generation,
		Settler: &rabbitSettler{r: r, conn: conn, queue: queue, tag: d.DeliveryTag, m: m, attempt: attempt},
	}
}

func tableInt(t amqp.Table, key string) int64 {
	switch n := t[key].(type) {
	case int64:
		return n
	case int32:
		return int64(n)
	case int:
		return int64(n)
	}
	return 0
}

// rabbitSettler settles one delivery on the channel that it came from. When that
// channel is closed, RabbitMQ delivers the message again.
type rabbitSettler struct {
	r       *rabbit
	conn    *rabbitConn
	queue   string
	tag     uint64
	m       Message
	attempt int
}

func (s *rabbitSettler) Ack() error {
	conn := s.conn
	if s.r.cfg.StaleAcks {
		conn = s.r.consuming(s.queue, nil)
	}
	if conn.ch.IsClosed() {
		return ErrStale
	}
	if err := conn.ch.Ack(s.tag, false); err != nil {
		return ErrStale
	}
	return nil
}

func (s *rabbitSettler) Retry(delay time.Duration) error {
	return s.move(outgoing{
		exchange: retryName(s.r.topo.delay(delay)), key: s.queue, m: s.m,
		headers: amqp.Table{headerAttempt: int64(s.attempt)},
	})
}

func (s *rabbitSettler) Park(reason string) error {
	return s.move(outgoing{
		exchange: "", key: Parked, mandatory: true, m: s.m,
		headers: amqp.Table{headerAttempt: int64(s.attempt), headerReason: reason, headerQueue: s.queue},
	})
}

// move publishes a copy of the message and acknowledges the original once the
// copy is confirmed. When the copy is not confirmed, the original goes back to
// its queue, since a message may be delivered twice and must not be lost.
func (s *rabbitSettler) move(o outgoing) error {
	c := s.r.pub.publish(o)
	<-c.Done()
	if c.Err() == nil {
		return s.Ack()
	}
	if s.conn.ch.IsClosed() || s.conn.ch.Nack(s.tag, false, true) != nil {
		return ErrStale
	}
	return fmt.Errorf("move message %s: %w", s.m.ID, c.Err())
}
