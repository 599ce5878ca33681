package backend

import (
	"context"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"squall/sim"
)

// channel opens a channel on a connection of its own to the first node that
// accepts one.
func (r *rabbitNamespace) channel(ctx context.Context) (*amqp.Channel, func(), error) {
	var errs []error
	for i := range r.nodes {
		conn, err := r.dial(ctx, i, r.vhost)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ch, err := conn.Channel()
		if err != nil {
			_ = conn.Close() // the first error is the one to tell
			return nil, nil, err
		}
		return ch, func() { _ = conn.Close() }, nil
	}
	return nil, nil, errors.Join(errs...)
}

// Send publishes to the queue itself, through the default exchange, and waits
// for the confirm.
func (r *rabbitNamespace) Send(ctx context.Context, queue sim.QueueSpec, m sim.Message) error {
	ch, done, err := r.channel(ctx)
	if err != nil {
		return fmt.Errorf("send to %s: %w", queue.Name, err)
	}
	defer done()
	if err := ch.Confirm(false); err != nil {
		return fmt.Errorf("send to %s: %w", queue.Name, err)
	}
	returned := ch.NotifyReturn(make(chan amqp.Return, 1))
	c, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", queue.Name, true, false, amqp.Publishing{
		Headers: amqp.Table{"traceparent": m.Trace}, ContentType: "application/json", DeliveryMode: amqp.Persistent,
		MessageId: m.ID, Type: m.Type, Body: m.Body,
	})
	if err == nil {
		var ok bool
		ok, err = c.WaitContext(ctx)
		if err == nil && !ok {
			err = errors.New("the broker refused it")
		}
	}
	if err == nil && len(returned) > 0 {
		err = errors.New("there is no such queue")
	}
	if err != nil {
		return fmt.Errorf("send %s to %s: %w", m.ID, queue.Name, err)
	}
	return nil
}

// Tap binds a queue of its own to what the queue is bound to.
func (r *rabbitNamespace) Tap(ctx context.Context, queue sim.QueueSpec, n int) (messages []sim.Message, err error) {
	ch, done, err := r.channel(ctx)
	if err != nil {
		return nil, fmt.Errorf("tap %s: %w", queue.Name, err)
	}
	defer done()
	q, err := ch.QueueDeclare("", false, true, true, false, nil)
	for _, typ := range queue.Types {
		if err == nil {
			err = ch.QueueBind(q.Name, typ, queue.Exchange, false, nil)
		}
	}
	var deliveries <-chan amqp.Delivery
	if err == nil {
		deliveries, err = ch.ConsumeWithContext(ctx, q.Name, "", true, true, false, false, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("tap %s: %w", queue.Name, err)
	}
	for len(messages) < n {
		select {
		case d, ok := <-deliveries:
			if !ok {
				return messages, fmt.Errorf("tap %s: the connection was lost", queue.Name)
			}
			trace, _ := d.Headers["traceparent"].(string) // "" where the message has none
			messages = append(messages, sim.Message{ID: d.MessageId, Type: d.Type, Trace: trace, Body: d.Body})
		case <-ctx.Done():
			return messages, ctx.Err()
		}
	}
	return messages, nil
}
