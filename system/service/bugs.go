package service

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

// Bug is a mistake that the pipeline can be told to make, to prove that the
// audit catches it. Bugs are switched on by SQUALL_BUGS, which nothing but
// squall selftest sets.
type Bug struct{ Name, What string }

// The bugs.
const (
	ackBeforeCommit   = "ack-before-commit"
	noInbox           = "no-inbox"
	noOutbox          = "no-outbox"
	noConfirms        = "no-confirms"
	unbound           = "unbound"
	staleAcks         = "stale-acks"
	lostUpdate        = "lost-update"
	noProviderKey     = "no-provider-key"
	noDeadLetter      = "no-dead-letter"
	noRelease         = "no-release"
	retryWithoutKey   = "retry-without-key"
	paidBeforeCapture = "paid-before-capture"
)

// Bugs lists them all.
func Bugs() []Bug {
	return []Bug{
		{ackBeforeCommit, "consumers acknowledge a message when it arrives, before its effect is committed"},
		{noInbox, "consumers do not remember what they have handled, and reserve again for a message that comes again"},
		{noOutbox, "events are published after the commit, from memory"},
		{noConfirms, "the relay takes a message for published once it is written to the socket"},
		{unbound, "inventory's queue is not bound to new orders, and nobody asks the broker to return what it cannot route"},
		{staleAcks, "after a reconnect, deliveries of the earlier connection are acknowledged on the new one"},
		{lostUpdate, "stock is read, changed in memory, and written back"},
		{noProviderKey, "every attempt to charge has an idempotency key of its own"},
		{noDeadLetter, "a message that reaches the delivery limit is dropped"},
		{noRelease, "a declined payment leaves the stock reserved"},
		{retryWithoutKey, "a failed charge is tried again at once, under a new idempotency key"},
		{paidBeforeCapture, "an order counts as paid before the provider was asked"},
	}
}

// bugs is the set that a process has been told to make.
type bugs map[string]bool

func parseBugs(text string) (bugs, error) {
	set := bugs{}
	for _, name := range list(text) {
		if !slices.ContainsFunc(Bugs(), func(b Bug) bool { return b.Name == name }) {
			return nil, fmt.Errorf("SQUALL_BUGS: unknown bug %q", name)
		}
		set[name] = true
	}
	return set, nil
}

// topology is the layout that a buggy process declares.
func (b bugs) topology(t broker.Topology) broker.Topology {
	t.DropAtLimit = b[noDeadLetter]
	for i := range t.Queues {
		if b[unbound] && t.Queues[i].Name == "inventory" {
			t.Queues[i].Types = slices.DeleteFunc(t.Queues[i].Types, func(typ string) bool { return typ == string(order.OrderCreated) })
		}
	}
	return t
}

// hold keeps an event in memory instead of writing it to the outbox (noOutbox).
func (p *process) hold(tx *store.Tx, m broker.Message) {
	p.heldMu.Lock()
	defer p.heldMu.Unlock()
	if p.held == nil {
		p.held = map[*store.Tx][]broker.Message{}
	}
	p.held[tx] = append(p.held[tx], m)
}

// publishHeld publishes what a transaction held (noOutbox).
func (p *process) publishHeld(tx *store.Tx) {
	p.heldMu.Lock()
	held := p.held[tx]
	delete(p.held, tx)
	p.heldMu.Unlock()
	for _, m := range held {
		<-p.broker.Publish(m).Done()
	}
}

// lookAtStock reads an order's stock before the work on it (lostUpdate).
func (p *process) lookAtStock(ctx context.Context, o order.Order) (seen any, err error) {
	if p.cfg.bugs[lostUpdate] {
		err = p.db.View(ctx, func(tx *store.Tx) error { seen, err = tx.OnHand(o.SKU); return err })
	}
	return seen, err
}

// take reserves an order's stock; seen is what lookAtStock returned.
func (p *process) take(tx *store.Tx, o order.Order, seen any) (state string, made bool, err error) {
	state, made, err = tx.Reserve(o, Now())
	if err != nil {
		return state, made, err
	}
	if p.cfg.bugs[noInbox] && !made && state == store.ReservationHeld {
		state, err = tx.TakeStock(o, Now())
	}
	if onHand, ok := seen.(int64); ok && made && state == store.ReservationHeld {
		err = tx.WriteStock(o.SKU, onHand-int64(o.Qty))
	}
	return state, made, err
}

// chargeKey is the idempotency key of a charge.
func (p *process) chargeKey(o order.Order) string {
	if p.cfg.bugs[noProviderKey] || p.cfg.bugs[retryWithoutKey] {
		return o.ID + "/" + rand.Text()
	}
	return o.ID
}

// chargeLater answers for a charge that is still to be made (paidBeforeCapture).
func (p *process) chargeLater(o order.Order, trace string) (string, error) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), p.cfg.Timeout)
		defer cancel()
		if p.work(ctx, o.ID) == nil {
			_, _ = p.chargeOnce(ctx, o, trace, 1) // nobody waits for the answer any more
		}
	}()
	return store.PaymentCaptured, nil
}
