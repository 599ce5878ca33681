package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

const (
	// deliveryLimit is how often the broker delivers one message before it parks
	// it, unless SQUALL_DELIVERY_LIMIT says otherwise.
	deliveryLimit = 20
	// maxAttempts is how often a handler is tried before the message is parked.
	// It is below deliveryLimit, since only the service can say why.
	maxAttempts = 12
	// committers is how many transactions run at once, and commitBatch how many
	// messages there are in one. Commits limit how many orders the pipeline can
	// take, so messages that are ready together are committed together.
	committers  = 2
	commitBatch = 64
)

// retryDelays are the waits before another attempt; the last one repeats.
var retryDelays = []time.Duration{250 * time.Millisecond, time.Second, 4 * time.Second}

// retryDelay is how long a message waits after an attempt, counted from 1.
func retryDelay(attempt int) time.Duration {
	return retryDelays[min(max(attempt, 1), len(retryDelays))-1]
}

// job is one message on its way through the process.
type job struct {
	delivery *broker.Delivery
	event    order.Event
	effect   effect
	lines    []Line
	tx       *store.Tx // the transaction of its effect
}

// consume handles the service's queue until ctx ends: workers prepare messages,
// committers make their effects, and a message is acknowledged after the commit.
func (p *process) consume(ctx context.Context) error {
	arrived := make(chan *broker.Delivery, p.cfg.Prefetch)
	prepared := make(chan *job, p.cfg.Prefetch)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return p.broker.Consume(ctx, p.cfg.Service, p.cfg.Prefetch, func(d *broker.Delivery) {
			p.unacked.Add(1)
			if p.cfg.bugs[ackBeforeCommit] {
				_ = d.Ack()
			}
			select {
			case arrived <- d:
			case <-ctx.Done():
			}
		})
	})
	for range p.cfg.Workers {
		g.Go(func() error { return p.prepare(ctx, arrived, prepared) })
	}
	for range committers {
		g.Go(func() error { return p.commitAll(ctx, prepared) })
	}
	return g.Wait()
}

// prepare decodes messages and does their work.
func (p *process) prepare(ctx context.Context, arrived <-chan *broker.Delivery, prepared chan<- *job) error {
	for {
		var d *broker.Delivery
		select {
		case d = <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
		j := &job{delivery: d}
		var err error
		if j.event, err = order.Decode(d.Body); err != nil {
			p.settle(j, "message.parked", err.Error(), d.Park(err.Error()))
			continue
		}
		if j.effect, err = p.role.prepare(ctx, j.event, d.Trace, d.Attempt); err != nil {
			p.retryOrPark(j, err)
			continue
		}
		select {
		case prepared <- j:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// commitAll commits the messages that are ready, many at a time.
func (p *process) commitAll(ctx context.Context, prepared <-chan *job) error {
	for {
		var batch []*job
		select {
		case j := <-prepared:
			batch = append(batch, j)
		case <-ctx.Done():
			return ctx.Err()
		}
		for more := true; more && len(batch) < commitBatch; {
			select {
			case j := <-prepared:
				batch = append(batch, j)
			default:
				more = false
			}
		}
		p.handle(ctx, batch)
	}
}

// handle makes the effects of a batch in one transaction. When that fails, each
// message gets a transaction of its own, so that one that fails does not delay
// the others.
func (p *process) handle(ctx context.Context, batch []*job) {
	err := p.apply(ctx, batch)
	switch {
	case err == nil:
		p.finish(batch)
	case len(batch) == 1:
		p.retryOrPark(batch[0], err)
	default:
		for _, j := range batch {
			p.handle(ctx, []*job{j})
		}
	}
}

// apply commits the inbox rows, the effects and the outbox rows of a batch, or
// nothing of these.
//
// All replicas sort a batch by SKU and order. Transactions that lock the same
// rows in the same order wait for each other; in different orders they would
// deadlock and begin again.
func (p *process) apply(ctx context.Context, batch []*job) error {
	slices.SortStableFunc(batch, func(a, b *job) int {
		return cmp.Or(cmp.Compare(a.event.Order.SKU, b.event.Order.SKU), cmp.Compare(a.event.Order.ID, b.event.Order.ID))
	})
	return p.db.Update(ctx, func(tx *store.Tx) error {
		fresh, err := p.claim(tx, batch)
		if err != nil {
			return err
		}
		for _, j := range batch {
			j.tx = tx
			if !fresh {
				j.lines = []Line{{Kind: "message.duplicate", Order: j.event.Order.ID, Message: j.event.ID}}
				continue
			}
			if j.lines, err = j.effect(tx); err != nil {
				return fmt.Errorf("handle %s: %w", j.event.ID, err)
			}
		}
		p.failpoint(beforeCommit)
		return nil
	})
}

// errRepeated says that some messages of a batch were handled before. Which ones
// is seen when each has a transaction of its own.
var errRepeated = errors.New("some messages of the batch were handled before")

// claim writes the inbox rows of a batch and locks its orders. It reports false
// for a single message that was handled before.
func (p *process) claim(tx *store.Tx, batch []*job) (fresh bool, err error) {
	var messages, orders []string
	for _, j := range batch {
		messages = append(messages, j.event.ID)
		orders = append(orders, j.event.Order.ID)
	}
	if p.cfg.bugs[noInbox] {
		fresh = true
	} else if fresh, err = tx.Handle(Now(), messages...); err != nil {
		return false, err
	}
	switch {
	case !fresh && len(batch) > 1:
		return false, errRepeated
	case fresh && p.role.lock != nil:
		err = p.role.lock(tx, orders)
	}
	return fresh, err
}

// finish writes the events of what was committed, wakes the relay, and
// acknowledges the messages.
func (p *process) finish(batch []*job) {
	var lines []Line
	for _, j := range batch {
		lines = append(lines, j.lines...)
	}
	p.journal.emit(lines...)
	p.failpoint(afterCommit)
	p.publishUnsent(batch[0].tx)
	p.wakeRelay()
	for _, j := range batch {
		// A message whose ack fails comes again and is found in the inbox.
		if !p.cfg.bugs[ackBeforeCommit] {
			_ = j.delivery.Ack()
		}
		p.unacked.Add(-1)
	}
}

// retryOrPark gives a message back for another attempt, or parks it after the last.
func (p *process) retryOrPark(j *job, cause error) {
	if j.delivery.Attempt >= maxAttempts {
		reason := fmt.Sprintf("gave up after %d attempts: %v", j.delivery.Attempt, cause)
		p.settle(j, "message.parked", reason, j.delivery.Park(reason))
		return
	}
	p.settle(j, "message.retried", cause.Error(), j.delivery.Retry(retryDelay(j.delivery.Attempt)))
}

// settle writes the event of a message that was retried or parked; err says that
// the broker did not take that, and so delivers the message again.
func (p *process) settle(j *job, kind, detail string, err error) {
	if err != nil {
		detail += "; " + err.Error()
		kind = "message.returned"
	}
	p.unacked.Add(-1)
	p.journal.emit(Line{Kind: kind, Order: j.event.Order.ID, Message: j.delivery.ID, Detail: detail})
}
