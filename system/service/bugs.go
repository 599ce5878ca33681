package service

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

// Bug is a mistake that a process makes when it is told to, so that squall
// selftest can show that the audit catches it. SQUALL_BUGS, which nothing else
// sets, switches bugs on.
type Bug struct {
	Name string // as in SQUALL_BUGS
	What string // what the process does wrong
}

// The bugs' names; Bugs says what each one is.
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

// Bugs lists all bugs.
func Bugs() []Bug {
	return []Bug{
		{ackBeforeCommit, "consumers acknowledge a message when it arrives, before its effect is committed"},
		{noInbox, "consumers do not remember what they have handled, and reserve again for a message that comes again"},
		{noOutbox, "events are published after the commit, from memory"},
		{noConfirms, "the relay takes a message for published once it is written to the socket"},
		{unbound, "inventory's queue is not bound to new orders, and publishers do not ask the broker to return what it cannot route"},
		{staleAcks, "after a reconnect, deliveries of the earlier connection are acknowledged on the new one"},
		{lostUpdate, "stock is read, changed in memory, and written back"},
		{noProviderKey, "every attempt to charge has an idempotency key of its own"},
		{noDeadLetter, "a message that reaches the delivery limit is dropped"},
		{noRelease, "a declined payment leaves the stock reserved"},
		{retryWithoutKey, "a failed charge is tried again at once, under a new idempotency key"},
		{paidBeforeCapture, "an order counts as paid before the provider was asked"},
	}
}

// bugs is the set of bugs that a process has.
type bugs map[string]bool

func parseBugs(text string) (bugs, error) {
	set := bugs{}
	for _, name := range list(text) {
		if !slices.ContainsFunc(Bugs(), func(b Bug) bool { return b.Name == name }) {
			var known []string
			for _, b := range Bugs() {
				known = append(known, b.Name)
			}
			return nil, fmt.Errorf("saw %q; expected some of %s, divided by commas", name, strings.Join(known, ", "))
		}
		set[name] = true
	}
	return set, nil
}

// topology is the layout that a process with these bugs declares.
func (b bugs) topology(t broker.Topology) broker.Topology {
	t.DropAtLimit = b[noDeadLetter]
	for i := range t.Queues {
		if b[unbound] && t.Queues[i].Name == "inventory" {
			t.Queues[i].Types = slices.DeleteFunc(t.Queues[i].Types, func(typ string) bool { return typ == string(order.OrderCreated) })
		}
	}
	return t
}

// keepUnsent keeps a message in memory instead of writing it to the outbox
// (noOutbox).
func (p *process) keepUnsent(tx *store.Tx, m broker.Message) {
	p.unsentMu.Lock()
	defer p.unsentMu.Unlock()
	if p.unsent == nil {
		p.unsent = map[*store.Tx][]broker.Message{}
	}
	p.unsent[tx] = append(p.unsent[tx], m)
}

// publishUnsent publishes the messages that keepUnsent kept for a transaction
// (noOutbox).
func (p *process) publishUnsent(tx *store.Tx) {
	p.unsentMu.Lock()
	unsent := p.unsent[tx]
	delete(p.unsent, tx)
	p.unsentMu.Unlock()
	for _, m := range unsent {
		<-p.broker.Publish(m).Done()
	}
}

// readStock returns an order's stock before the work on the order (lostUpdate),
// and nil without that bug.
func (p *process) readStock(ctx context.Context, o order.Order) (*int64, error) {
	if !p.cfg.bugs[lostUpdate] {
		return nil, nil
	}
	var onHand int64
	err := p.db.View(ctx, func(tx *store.Tx) (err error) {
		onHand, err = tx.OnHand(o.SKU)
		return err
	})
	return &onHand, err
}

// takeStock reserves an order's stock; seen is what readStock returned.
func (p *process) takeStock(tx *store.Tx, o order.Order, seen *int64) (state string, made bool, err error) {
	state, made, err = tx.Reserve(o, Now())
	if err != nil {
		return state, made, err
	}
	if p.cfg.bugs[noInbox] && !made && state == store.ReservationHeld {
		state, err = tx.TakeStock(o, Now())
	}
	if seen != nil && made && state == store.ReservationHeld {
		err = tx.WriteStock(o.SKU, *seen-int64(o.Qty))
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

// chargeLater answers that a charge was captured, and makes it afterwards
// (paidBeforeCapture).
func (p *process) chargeLater(o order.Order, trace string) (string, error) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), p.cfg.Timeout)
		defer cancel()
		if p.work(ctx, o.ID) == nil {
			_, _ = p.chargeOnce(ctx, o, trace, 1) // the caller has its answer already
		}
	}()
	return store.PaymentCaptured, nil
}
