package broker

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func (b *natsBroker) Consume(ctx context.Context, queue string, prefetch int, deliver func(*Delivery)) error {
	inHand := &natsInHand{held: map[*natsSettler]bool{}, freed: make(chan struct{}, 1)}
	keepAlive, stop := context.WithCancel(ctx)
	defer stop()
	go inHand.keepAlive(keepAlive)

	delays := reconnectDelays()
	for ctx.Err() == nil {
		if b.subs.IsClosed() {
			return nil
		}
		if err := b.fetch(ctx, queue, prefetch, inHand, deliver); err != nil {
			pause(ctx, delays.NextBackOff())
			continue
		}
		delays.Reset()
	}
	return ctx.Err()
}

// fetch asks for as many messages as there is room for, and delivers them.
func (b *natsBroker) fetch(ctx context.Context, queue string, prefetch int, inHand *natsInHand, deliver func(*Delivery)) error {
	room := prefetch - inHand.count()
	if room <= 0 {
		select {
		case <-inHand.freed:
		case <-ctx.Done():
		}
		return nil
	}
	consumer, err := b.sub.Consumer(ctx, natsEvents, queue)
	if err != nil {
		return err
	}
	batch, err := consumer.Fetch(room, jetstream.FetchMaxWait(natsFetchWait), jetstream.FetchHeartbeat(natsFetchWait/4))
	if err != nil {
		return err
	}
	for {
		select {
		case msg, ok := <-batch.Messages():
			if !ok {
				return batch.Error()
			}
			b.deliver(queue, msg, inHand, deliver)
		case <-ctx.Done():
			return nil // what was fetched and not delivered comes back after the ack wait
		}
	}
}

func (b *natsBroker) deliver(queue string, msg jetstream.Msg, inHand *natsInHand, deliver func(*Delivery)) {
	meta, err := msg.Metadata()
	if err != nil {
		return // not a JetStream message: nothing to settle
	}
	h := msg.Headers()
	s := &natsSettler{b: b, msg: msg, queue: queue, inHand: inHand}
	s.m = Message{ID: h.Get("id"), Type: h.Get("type"), Body: msg.Data(), Trace: h.Get(headerTrace)}
	s.attempt = headerInt(h, headerAttempt) + int(meta.NumDelivered)
	inHand.add(s)
	if b.topo.DeliveryLimit > 0 && int(meta.NumDelivered) > b.topo.DeliveryLimit {
		if b.topo.DropAtLimit {
			_ = s.Ack() // without it the message comes again
			return
		}
		// What could not be parked comes again.
		b.wg.Go(func() { _ = s.Park(fmt.Sprintf("delivered more than %d times", b.topo.DeliveryLimit)) })
		return
	}
	deliver(&Delivery{Message: s.m, Attempt: s.attempt, Redelivery: meta.NumDelivered > 1, Generation: 1, settler: s})
}

type natsSettler struct {
	b       *natsBroker
	msg     jetstream.Msg
	queue   string
	m       Message
	attempt int
	inHand  *natsInHand
}

func (s *natsSettler) Ack() error {
	defer s.inHand.remove(s)
	return natsSettled(s.msg.Ack())
}

func (s *natsSettler) Retry(delay time.Duration) error {
	defer s.inHand.remove(s)
	return natsSettled(s.msg.NakWithDelay(delay))
}

func (s *natsSettler) Park(reason string) error {
	defer s.inHand.remove(s)
	c := s.b.publish(natsPark, s.m, map[string]string{
		headerReason: reason, headerQueue: s.queue, headerAttempt: strconv.Itoa(s.attempt),
	})
	<-c.Done()
	if c.Err() != nil {
		return fmt.Errorf("park message %s: %w", s.m.ID, c.Err())
	}
	return natsSettled(s.msg.Ack())
}

func natsSettled(err error) error {
	if err != nil {
		return ErrStale
	}
	return nil
}

// natsInHand is the set of deliveries that were handed out and not settled.
type natsInHand struct {
	mu    sync.Mutex
	held  map[*natsSettler]bool
	freed chan struct{} // has room for one: somebody settled
}

func (h *natsInHand) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.held)
}

func (h *natsInHand) add(s *natsSettler) {
	h.mu.Lock()
	h.held[s] = true
	h.mu.Unlock()
}

func (h *natsInHand) remove(s *natsSettler) {
	h.mu.Lock()
	delete(h.held, s)
	h.mu.Unlock()
	select {
	case h.freed <- struct{}{}:
	default:
	}
}

// keepAlive reports progress on everything in hand, so that it is not given to
// another consumer while this one is merely busy.
func (h *natsInHand) keepAlive(ctx context.Context) {
	tick := time.NewTicker(natsProgress)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		h.mu.Lock()
		held := make([]*natsSettler, 0, len(h.held))
		for s := range h.held {
			held = append(held, s)
		}
		h.mu.Unlock()
		for _, s := range held {
			if s.msg.InProgress() != nil {
				break
			}
		}
	}
}
