package broker

import (
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	amqp "github.com/rabbitmq/amqp091-go"
)

// declare creates the exchanges and queues that are not there yet.
func (r *rabbit) declare() error {
	c, err := r.dial("declare")
	if err != nil {
		return err
	}
	defer c.close()
	defer c.requestTimer()()
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
			// RabbitMQ moves the message with confirms, so that it cannot get lost.
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

// declareRetry creates the queue for one retry delay. Its messages expire into
// the default exchange, which routes them to the queue that their routing key
// names: the one that they came from.
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
