package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

const (
	relayWindow = 512 // unconfirmed messages at once
	relayBatch  = 256 // rows read at once
	relayPoll   = 200 * time.Millisecond
	relayGather = 3 * time.Millisecond // confirms that come this close are marked together
	relayPause  = 100 * time.Millisecond
)

// enqueue puts an event into the outbox of the running transaction, to be
// published by this process not before due (0: at once).
func (p *process) enqueue(tx *store.Tx, e order.Event, trace string, due int64) {
	if p.cfg.bugs[noOutbox] {
		p.hold(tx, broker.Message{ID: e.ID, Type: string(e.Type), Body: e.Encode(), Trace: span(trace)})
		return
	}
	tx.Enqueue(p.cfg.Process, store.Outgoing{
		ID: e.ID, Topic: string(e.Type), Order: e.Order.ID, Body: e.Encode(), Trace: span(trace), Due: due,
	})
}

// nudge tells the relay that something was committed.
func (p *process) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// confirmed is the broker's answer for one outbox row.
type confirmed struct {
	row store.Outgoing
	err error
}

// relay publishes the outbox: it reads due rows, publishes them with many
// confirms in flight, and marks them after the confirm. A crash anywhere in
// between publishes some again, under the same id.
func (p *process) relay(ctx context.Context) error {
	answers := make(chan confirmed, relayWindow)
	inFlight := map[int64]bool{}
	var marks []int64
	poll := time.NewTicker(relayPoll)
	defer poll.Stop()
	var holdUntil time.Time
	more := true // there may be rows that were not read yet
	for ctx.Err() == nil {
		select {
		case <-p.wake:
			more = true
		case <-poll.C:
			p.beat(ctx)
			more = true // some have become due, or belonged to a relay that fell silent
		case a := <-answers:
			marks = p.gather(a, answers, inFlight, marks, &holdUntil)
		case <-ctx.Done():
			return ctx.Err()
		}
		if len(marks) > 0 {
			marks = p.mark(ctx, marks, inFlight)
		}
		if more && time.Now().After(holdUntil) {
			more = p.publishPending(ctx, inFlight, answers)
		}
	}
	return ctx.Err()
}

// beat shows the other replicas that this relay lives.
func (p *process) beat(ctx context.Context) {
	// A missed beat makes others publish the same rows: a repeat, no loss.
	_ = p.db.Single(ctx, func(tx *store.Tx) error { return tx.Beat(p.cfg.Process, Now()) })
}

// gather takes the answers that are there or come within a moment.
func (p *process) gather(a confirmed, answers <-chan confirmed, inFlight map[int64]bool, marks []int64, holdUntil *time.Time) []int64 {
	late := time.NewTimer(relayGather)
	defer late.Stop()
	for {
		if a.err == nil {
			p.passage(afterPublish)
			marks = append(marks, a.row.Seq)
		} else {
			delete(inFlight, a.row.Seq)
			*holdUntil = time.Now().Add(relayPause)
			if errors.Is(a.err, broker.ErrUnroutable) || errors.Is(a.err, broker.ErrNacked) {
				p.journal.emit(Line{Kind: "message.refused", Order: a.row.Order, Message: a.row.ID, Detail: a.err.Error()})
			}
		}
		if len(marks) >= relayBatch {
			return marks
		}
		select {
		case a = <-answers:
		case <-late.C:
			return marks
		}
	}
}

// mark notes confirmed rows; those it could not note are returned, for later.
func (p *process) mark(ctx context.Context, marks []int64, inFlight map[int64]bool) []int64 {
	err := p.db.Single(ctx, func(tx *store.Tx) error { return tx.MarkSent(marks, Now()) })
	if err != nil {
		return marks
	}
	for _, seq := range marks {
		delete(inFlight, seq)
	}
	return nil
}

// publishPending publishes what is due, as far as there is room. It reports
// whether there may be more.
func (p *process) publishPending(ctx context.Context, inFlight map[int64]bool, answers chan<- confirmed) (more bool) {
	room := min(relayWindow-len(inFlight), relayBatch)
	if room <= 0 {
		return true
	}
	limit := room + len(inFlight)
	var rows []store.Outgoing
	err := p.db.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Pending(p.cfg.Process, Now(), limit)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			p.journal.emit(Line{Kind: "outbox.unreadable", Detail: fmt.Sprint(err)})
		}
		return true
	}
	for _, row := range rows {
		if inFlight[row.Seq] || room == 0 {
			continue
		}
		room--
		inFlight[row.Seq] = true
		p.passage(beforePublish)
		c := p.broker.Publish(broker.Message{ID: row.ID, Type: row.Topic, Body: row.Body, Trace: row.Trace})
		go func() {
			if p.cfg.bugs[noConfirms] {
				answers <- confirmed{row, nil}
				return
			}
			<-c.Done()
			answers <- confirmed{row, c.Err()}
		}()
	}
	return len(rows) == limit
}
