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
	// deliveryLimit is how often the broker may deliver one message before it
	// sets it aside; it must be above maxAttempts, which ends with a reason.
	deliveryLimit = 20
	maxAttempts   = 12
	// committers and commitBatch bound the transactions at once and the
	// messages in one. The database is the ceiling of the pipeline, so what is
	// ready together is committed together.
	committers  = 2
	commitBatch = 64
)

// retryDelays are the waits before another attempt; the last one repeats.
var retryDelays = []time.Duration{250 * time.Millisecond, time.Second, 4 * time.Second}

func retryDelay(attempt int) time.Duration {
	return retryDelays[min(attempt, len(retryDelays))-1]
}

// job is one message on its way through the process.
type job struct {
	delivery *broker.Delivery
	event    order.Event
	prepared any
	lines    []Line
	tx       *store.Tx // the transaction that had its effect
}

// consume handles the service's queue: workers prepare, committers make the
// effects, and only what is committed is acknowledged.
func (p *process) consume(ctx context.Context, r role) error {
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
		g.Go(func() error { return p.prepare(ctx, r, arrived, prepared) })
	}
	for range committers {
		g.Go(func() error { return p.commitAll(ctx, r, prepared) })
	}
	return g.Wait()
}

// prepare decodes messages and does their work.
func (p *process) prepare(ctx context.Context, r role, arrived <-chan *broker.Delivery, prepared chan<- *job) error {
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
		if j.prepared, err = r.prepare(ctx, j.event, d.Trace, d.Attempt); err != nil {
			p.again(j, err)
			continue
		}
		select {
		case prepared <- j:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// commitAll gathers what is ready and commits it.
func (p *process) commitAll(ctx context.Context, r role, prepared <-chan *job) error {
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
		p.handle(ctx, r, batch)
	}
}

// handle makes the effects of a batch in one transaction. When that fails, each
// message gets a transaction of its own, so that one cannot hold up the others.
func (p *process) handle(ctx context.Context, r role, batch []*job) {
	err := p.apply(ctx, r, batch)
	switch {
	case err == nil:
		p.finish(batch)
	case len(batch) == 1:
		p.again(batch[0], err)
	default:
		for _, j := range batch {
			p.handle(ctx, r, []*job{j})
		}
	}
}

// apply is the transaction: inbox row, effect and outbox rows, or nothing.
//
// The batch is put into one order that all replicas share, by SKU and order:
// transactions that take the same rows in the same order wait for each other,
// where otherwise they would deadlock and begin again.
func (p *process) apply(ctx context.Context, r role, batch []*job) error {
	slices.SortStableFunc(batch, func(a, b *job) int {
		return cmp.Or(cmp.Compare(a.event.Order.SKU, b.event.Order.SKU), cmp.Compare(a.event.Order.ID, b.event.Order.ID))
	})
	return p.db.Update(ctx, func(tx *store.Tx) error {
		fresh, err := p.handleAll(tx, r, batch)
		if err != nil {
			return err
		}
		for _, j := range batch {
			j.tx = tx
			if !fresh {
				j.lines = []Line{{Kind: "message.duplicate", Order: j.event.Order.ID, Message: j.event.ID}}
				continue
			}
			if j.lines, err = r.apply(tx, j.event, j.delivery.Trace, j.prepared); err != nil {
				return fmt.Errorf("handle %s: %w", j.event.ID, err)
			}
		}
		p.passage(beforeCommit)
		return nil
	})
}

// errRepeated says that a batch has messages in it that were handled before;
// taken one by one they show which.
var errRepeated = errors.New("some of these were handled before")

// handleAll enters a batch into the inbox and takes hold of its orders. It
// reports false for a single message that was handled before.
func (p *process) handleAll(tx *store.Tx, r role, batch []*job) (fresh bool, err error) {
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
	case fresh && r.lock != nil:
		err = r.lock(tx, orders)
	}
	return fresh, err
}

// finish tells what was committed, wakes the relay, and acknowledges.
func (p *process) finish(batch []*job) {
	var lines []Line
	for _, j := range batch {
		lines = append(lines, j.lines...)
	}
	p.journal.emit(lines...)
	p.passage(afterCommit)
	p.publishHeld(batch[0].tx)
	p.nudge()
	for _, j := range batch {
		// A stale ack is no loss: the message comes again and finds its inbox row.
		if !p.cfg.bugs[ackBeforeCommit] {
			_ = j.delivery.Ack()
		}
		p.unacked.Add(-1)
	}
}

// again gives a message back for another attempt, or parks it after the last.
func (p *process) again(j *job, cause error) {
	if j.delivery.Attempt >= maxAttempts {
		reason := fmt.Sprintf("gave up after %d attempts: %v", j.delivery.Attempt, cause)
		p.settle(j, "message.parked", reason, j.delivery.Park(reason))
		return
	}
	p.settle(j, "message.retried", cause.Error(), j.delivery.Retry(retryDelay(j.delivery.Attempt)))
}

func (p *process) settle(j *job, kind, detail string, err error) {
	if err != nil {
		detail += "; " + err.Error()
		kind = "message.returned"
	}
	p.unacked.Add(-1)
	p.journal.emit(Line{Kind: kind, Order: j.event.Order.ID, Message: j.delivery.ID, Detail: detail})
}
