package store

import (
	"strings"
	"time"
)

// Outgoing is a row of the outbox: a message to publish after the commit of the
// transaction that wrote it.
type Outgoing struct {
	Seq   int64
	ID    string
	Topic string
	Order string
	Body  []byte
	Trace string // W3C traceparent
	Due   int64  // not before, CLOCK_MONOTONIC, ns
}

// relayDeadAfter is how old the last Beat of a relay may be before another
// replica takes over its rows.
const relayDeadAfter = 2 * time.Second

// Enqueue adds a message to the outbox before the commit, once per message id.
// owner names the process whose relay is to publish it.
func (tx *Tx) Enqueue(owner string, m Outgoing) {
	tx.insertLater(tx.d.insertIgnore, "outbox (id, owner, topic, order_id, body, trace, due)",
		m.ID, owner, m.Topic, m.Order, m.Body, m.Trace, m.Due)
}

// Beat notes that owner's relay was alive at a moment.
func (tx *Tx) Beat(owner string, now int64) error {
	n, err := tx.exec("UPDATE relays SET beat = ? WHERE owner = ?", now, owner)
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.insertNew("relays (owner, beat)", owner, now)
	return err
}

// Pending returns up to limit unpublished rows, oldest first, that are due and
// belong to owner or to a relay without a recent Beat. If that relay was only
// slow, both publish the row, under one id, and consumers see a duplicate.
func (tx *Tx) Pending(owner string, now int64, limit int) ([]Outgoing, error) {
	var rows []Outgoing
	err := tx.each(func(scan func(...any) error) error {
		var m Outgoing
		if err := scan(&m.Seq, &m.ID, &m.Topic, &m.Order, &m.Body, &m.Trace, &m.Due); err != nil {
			return err
		}
		rows = append(rows, m)
		return nil
	}, `SELECT seq, id, topic, order_id, body, trace, due FROM outbox
		WHERE sent = 0 AND due <= ? AND (owner = ? OR owner IN (SELECT owner FROM relays WHERE beat < ?))
		ORDER BY seq LIMIT ?`, now, owner, now-int64(relayDeadAfter), limit)
	return rows, err
}

// MarkSent notes that the broker confirmed these rows, at least one.
func (tx *Tx) MarkSent(seqs []int64, now int64) error {
	args := make([]any, 0, len(seqs)+1)
	args = append(args, now)
	for _, s := range seqs {
		args = append(args, s)
	}
	_, err := tx.exec("UPDATE outbox SET sent = ? WHERE seq IN "+placeholders(len(seqs)), args...)
	return err
}

// Unsent counts the rows that wait to be published.
func (tx *Tx) Unsent() (int64, error) {
	return tx.count("SELECT COUNT(*) FROM outbox WHERE sent = 0")
}

// AuditMessages yields each message of the outbox (To says "sent" or
// "pending") and the id of each message that was handled.
func (tx *Tx) AuditMessages(yield func(Record) error) error {
	err := tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.outbox", To: "pending"}
		if err := scan(&r.Message, &r.Order, &r.At); err != nil {
			return err
		}
		if r.At > 0 {
			r.To = "sent"
		}
		return yield(r)
	}, "SELECT id, order_id, sent FROM outbox ORDER BY seq")
	if err != nil {
		return err
	}
	return tx.each(func(scan func(...any) error) error {
		r := Record{Kind: "audit.handled"}
		if err := scan(&r.Message, &r.At); err != nil {
			return err
		}
		r.Order, _, _ = strings.Cut(r.Message, ":")
		return yield(r)
	}, "SELECT id, at FROM inbox")
}
