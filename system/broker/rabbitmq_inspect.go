package broker

import (
	"context"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Depths asks each queue how many messages wait in it. It keeps a connection for
// that, since the harness asks all through a run.
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
	defer r.inspect.requestTimer()()
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

// ParkedMessages takes every parked message without acknowledging any. RabbitMQ
// puts them back when the connection that took them ends.
func (r *rabbit) ParkedMessages(ctx context.Context, yield func(id, queue string) error) error {
	conn, err := r.dial("audit")
	if err != nil {
		return fmt.Errorf("read parked messages: %w", err)
	}
	defer conn.close()
	for {
		stopTimer := conn.requestTimer()
		d, more, err := conn.ch.Get(Parked, false)
		stopTimer()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("read parked messages: %w", err)
		}
		if !more {
			return nil
		}
		if err := yield(d.MessageId, parkedFrom(d.Headers)); err != nil {
			return err
		}
	}
}

// parkedFrom returns the queue that a message was parked from, by a consumer or,
// at the delivery limit, by RabbitMQ.
func parkedFrom(h amqp.Table) string {
	if queue, ok := h[headerQueue].(string); ok {
		return queue
	}
	queue, _ := h["x-first-death-queue"].(string)
	return queue
}
