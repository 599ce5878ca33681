package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func init() { register("jetstream", openJetStream) }

const (
	natsEvents = "EVENTS" // the stream of all bound event types
	natsParked = "PARKED"
	natsPark   = "parked"
	// natsAckWait is how long a delivery may stay unsettled before it is given
	// to somebody else. JetStream does not see a consumer die; this is what
	// takes the place of that. Deliveries in hand are kept alive by progress
	// reports, so it may be short.
	natsAckWait    = 3 * time.Second
	natsProgress   = time.Second
	natsAckTimeout = 5 * time.Second
	natsFetchWait  = 5 * time.Second
)

// natsBroker is the JetStream driver. Its client reconnects by itself; a
// delivery is settled by a subject of its own, so a late acknowledgement can
// never hit another message.
type natsBroker struct {
	cfg  Config
	topo Topology
	pubs *nats.Conn
	subs *nats.Conn
	pub  jetstream.JetStream
	sub  jetstream.JetStream
	wg   sync.WaitGroup
}

func openJetStream(ctx context.Context, c Config, t Topology) (Broker, error) {
	b := &natsBroker{cfg: c, topo: t}
	connect := func(role string) (*nats.Conn, error) {
		return nats.Connect("nats://"+c.Addr,
			nats.Name(c.Client+" "+role), nats.UserInfo(c.User, c.Password),
			nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.ReconnectBufSize(-1),
			nats.CustomReconnectDelay(func(n int) time.Duration {
				return min(time.Second, 50*time.Millisecond<<min(n, 5))
			}),
			nats.PingInterval(5*time.Second), nats.MaxPingsOutstanding(2),
			nats.ConnectHandler(func(*nats.Conn) { c.notify("broker.connected", role, "") }),
			nats.ReconnectHandler(func(*nats.Conn) { c.notify("broker.connected", role, "again") }),
			nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { c.notify("broker.lost", role, fmt.Sprint(err)) }),
		)
	}
	var err error
	if b.pubs, err = connect("publish"); err != nil {
		return nil, err
	}
	if b.subs, err = connect("consume"); err != nil {
		b.pubs.Close()
		return nil, err
	}
	b.pub, err = jetstream.New(b.pubs, jetstream.WithPublishAsyncTimeout(natsAckTimeout), jetstream.WithPublishAsyncMaxPending(8192))
	if err == nil {
		b.sub, err = jetstream.New(b.subs)
	}
	if err == nil {
		_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, b.declare(ctx) },
			backoff.WithBackOff(reconnectDelays()), backoff.WithMaxElapsedTime(0))
	}
	if err != nil {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

func (b *natsBroker) declare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, natsAckTimeout)
	defer cancel()
	var subjects []string
	for _, t := range b.topo.bound() {
		subjects = append(subjects, Subjects+t)
	}
	// Only bound types are subjects of the stream: publishing any other gets
	// no answer, which is how an unroutable message is seen.
	if _, err := b.sub.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: natsEvents, Subjects: subjects, Storage: jetstream.FileStorage}); err != nil {
		return err
	}
	if _, err := b.sub.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: natsParked, Subjects: []string{natsPark}, Storage: jetstream.FileStorage}); err != nil {
		return err
	}
	for _, q := range b.topo.Queues {
		var filter []string
		for _, t := range q.Types {
			filter = append(filter, Subjects+t)
		}
		_, err := b.sub.CreateOrUpdateConsumer(ctx, natsEvents, jetstream.ConsumerConfig{
			Durable: q.Name, FilterSubjects: filter, AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: natsAckWait, MaxDeliver: -1, MaxAckPending: 16384,
		})
		if err != nil {
			return fmt.Errorf("declare consumer %s: %w", q.Name, err)
		}
	}
	return nil
}

func (b *natsBroker) Close() error {
	b.pubs.Close()
	b.subs.Close()
	b.wg.Wait()
	return nil
}

func (b *natsBroker) Publish(m Message) *Confirmation { return b.publish(Subjects+m.Type, m, nil) }

func (b *natsBroker) publish(subject string, m Message, headers map[string]string) *Confirmation {
	msg := nats.NewMsg(subject)
	msg.Data = m.Body
	msg.Header.Set("id", m.ID)
	msg.Header.Set("type", m.Type)
	msg.Header.Set(headerTrace, m.Trace)
	for k, v := range headers {
		msg.Header.Set(k, v)
	}
	if !b.pubs.IsConnected() {
		return refused(ErrDisconnected)
	}
	if b.cfg.Careless {
		return refused(b.pubs.PublishMsg(msg)) // nil: written is as good as stored
	}
	future, err := b.pub.PublishMsgAsync(msg)
	if err != nil {
		return refused(fmt.Errorf("%w: %v", ErrDisconnected, err))
	}
	c := newConfirmation()
	b.wg.Go(func() {
		select {
		case <-future.Ok():
			c.resolve(nil)
		case err := <-future.Err():
			c.resolve(natsVerdict(err))
		}
	})
	return c
}

func natsVerdict(err error) error {
	var refusal *jetstream.APIError
	switch {
	case errors.Is(err, jetstream.ErrNoStreamResponse), errors.Is(err, nats.ErrNoResponders):
		return ErrUnroutable
	case errors.As(err, &refusal):
		return fmt.Errorf("%w: %v", ErrNacked, err)
	}
	return fmt.Errorf("%w: %v", ErrIndeterminate, err)
}

// Depths asks the server for the state of consumers and of the parked stream.
// Delayed messages count as unacked ones of their consumer, so Retry is empty.
func (b *natsBroker) Depths(ctx context.Context, names ...string) (map[string]Depth, error) {
	depths := map[string]Depth{}
	for _, name := range names {
		switch name {
		case Retry:
			depths[name] = Depth{}
		case Parked:
			s, err := b.sub.Stream(ctx, natsParked)
			if err != nil {
				return nil, fmt.Errorf("inspect parked: %w", err)
			}
			depths[name] = Depth{Ready: int64(s.CachedInfo().State.Msgs)}
		default:
			c, err := b.sub.Consumer(ctx, natsEvents, name)
			if err != nil {
				return nil, fmt.Errorf("inspect consumer %s: %w", name, err)
			}
			info := c.CachedInfo()
			depths[name] = Depth{Ready: int64(info.NumPending), Unacked: int64(info.NumAckPending)}
		}
	}
	return depths, nil
}

// ParkedMessages reads the parked stream from its beginning.
func (b *natsBroker) ParkedMessages(ctx context.Context, yield func(id, queue string) error) error {
	s, err := b.sub.Stream(ctx, natsParked)
	if err != nil {
		return fmt.Errorf("read parked messages: %w", err)
	}
	state := s.CachedInfo().State
	for seq := state.FirstSeq; state.Msgs > 0 && seq <= state.LastSeq; seq++ {
		m, err := s.GetMsg(ctx, seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read parked messages: %w", err)
		}
		if err := yield(m.Header.Get("id"), m.Header.Get(headerQueue)); err != nil {
			return err
		}
	}
	return nil
}

func headerInt(h nats.Header, key string) int {
	n, _ := strconv.Atoi(h.Get(key)) // absent reads as none
	return n
}
