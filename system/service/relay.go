package service

import (
	"context"
	"errors"
	"time"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

const (
	relayWindow = 512 // unconfirmed messages at once
	relayBatch  = 256 // rows read at once
	relayPoll   = 200 * time.Millisecond
	relayGather = 3 * time.Millisecond   // answers that come this close together are marked together
	relayPause  = 100 * time.Millisecond // before the next attempt, after a message that was not confirmed
)

// enqueue writes an event to the outbox in the running transaction. This process
// publishes it, not before due (CLOCK_MONOTONIC in ns; 0 is at once).
func (p *process) enqueue(tx *store.Tx, e order.Event, trace string, due int64) {
	if p.cfg.bugs[noOutbox] {
		p.keepUnsent(tx, broker.Message{ID: e.ID, Type: string(e.Type), Body: e.Encode(), Trace: span(trace)})
		return
	}
	tx.Enqueue(p.cfg.Process, store.Outgoing{
		ID: e.ID, Topic: string(e.Type), Order: e.Order.ID, Body: e.Encode(), Trace: span(trace), Due: due,
	})
}

// wakeRelay tells the relay that something was committed.
func (p *process) wakeRelay() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// relay publishes the outbox: it reads due rows, publishes them without waiting
// for one confirm after the other, and marks each row as sent after its confirm.
// A row that was published and not marked, because of a crash or an error, is
// published again under the same id.
type relay struct {
	p           *process
	answers     chan answered  // has room for all that can be in flight
	inFlight    map[int64]bool // rows that were published and are not marked, by number
	confirmed   []int64        // of these, the ones to mark
	pausedUntil time.Time
}

// answered is the broker's answer for one outbox row.
type answered struct {
	row store.Outgoing
	err error // nil: confirmed
}

func newRelay(p *process) *relay {
	return &relay{p: p, answers: make(chan answered, relayWindow), inFlight: map[int64]bool{}}
}

// run relays until ctx ends.
func (r *relay) run(ctx context.Context) error {
	poll := time.NewTicker(relayPoll)
	defer poll.Stop()
	more := true // there may be rows that were not read yet
	for ctx.Err() == nil {
		select {
		case <-r.p.wake:
			more = true
		case <-poll.C:
			r.beat(ctx)
			more = true // rows may have become due, or another relay may have stopped
		case a := <-r.answers:
			r.gather(a)
		case <-ctx.Done():
			return ctx.Err()
		}
		r.mark(ctx)
		if more && time.Now().After(r.pausedUntil) {
			more = r.publishPending(ctx)
		}
	}
	return ctx.Err()
}

// beat shows the other replicas that this relay is alive.
func (r *relay) beat(ctx context.Context) {
	// After some that fail, another replica publishes the same rows: a duplicate.
	_ = r.p.db.Single(ctx, func(tx *store.Tx) error { return tx.Beat(r.p.cfg.Process, Now()) })
}

// gather takes an answer, and those that are there or come within relayGather.
func (r *relay) gather(a answered) {
	late := time.NewTimer(relayGather)
	defer late.Stop()
	for {
		r.take(a)
		if len(r.confirmed) >= relayBatch {
			return
		}
		select {
		case a = <-r.answers:
		case <-late.C:
			return
		}
	}
}

// take notes one answer.
func (r *relay) take(a answered) {
	if a.err == nil {
		r.p.failpoint(afterPublish)
		r.confirmed = append(r.confirmed, a.row.Seq)
		return
	}
	delete(r.inFlight, a.row.Seq) // it is published again
	r.pausedUntil = time.Now().Add(relayPause)
	if errors.Is(a.err, broker.ErrUnroutable) || errors.Is(a.err, broker.ErrNacked) {
		r.p.journal.emit(Line{Kind: "message.refused", Order: a.row.Order, Message: a.row.ID, Detail: a.err.Error()})
	}
}

// mark marks the confirmed rows as sent. When the database fails they stay in
// flight and are marked later.
func (r *relay) mark(ctx context.Context) {
	if len(r.confirmed) == 0 {
		return
	}
	err := r.p.db.Single(ctx, func(tx *store.Tx) error { return tx.MarkSent(r.confirmed, Now()) })
	if err != nil {
		return
	}
	for _, seq := range r.confirmed {
		delete(r.inFlight, seq)
	}
	r.confirmed = nil
}

// publishPending publishes the due rows, as far as the window has room. It
// reports whether there may be more.
func (r *relay) publishPending(ctx context.Context) (more bool) {
	room := min(relayWindow-len(r.inFlight), relayBatch)
	if room <= 0 {
		return true
	}
	limit := room + len(r.inFlight) // the rows in flight are read again
	var rows []store.Outgoing
	err := r.p.db.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Pending(r.p.cfg.Process, Now(), limit)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			r.p.journal.emit(Line{Kind: "outbox.unreadable", Detail: err.Error()})
		}
		return true
	}
	for _, row := range rows {
		if r.inFlight[row.Seq] || room == 0 {
			continue
		}
		room--
		r.publish(row)
	}
	return len(rows) == limit
}

// publish publishes one row; its answer arrives in answers.
func (r *relay) publish(row store.Outgoing) {
	r.inFlight[row.Seq] = true
	r.p.failpoint(beforePublish)
	c := r.p.broker.Publish(broker.Message{ID: row.ID, Type: row.Topic, Body: row.Body, Trace: row.Trace})
	go func() {
		if r.p.cfg.bugs[noConfirms] {
			r.answers <- answered{row, nil}
			return
		}
		<-c.Done()
		r.answers <- answered{row, c.Err()}
	}()
}
