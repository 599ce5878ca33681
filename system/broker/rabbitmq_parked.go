package broker

import (
	"context"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// ParkedMessages takes every parked message without acknowledging any; they go
// back when the connection that took them ends.
func (r *rabbit) ParkedMessages(ctx context.Context, yield func(id, queue string) error) error {
	conn, err := r.dial("audit")
	if err != nil {
		return fmt.Errorf("read parked messages: %w", err)
	}
	defer conn.close()
	for {
		inTime := conn.hurry()
		d, more, err := conn.ch.Get(Parked, false)
		inTime()
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

// parkedFrom is the queue of a message that a consumer or the broker set aside.
func parkedFrom(h amqp.Table) string {
	if queue, ok := h[headerQueue].(string); ok {
		return queue
	}
	queue, _ := h["x-first-death-queue"].(string)
	return queue
}
