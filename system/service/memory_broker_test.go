package service

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"squall/system/broker"
)

// memoryBroker is a broker in the memory of a test. It routes like a real one,
// delivers a retried message again at once, and notes what was asked of it.
type memoryBroker struct {
	mu        sync.Mutex
	bindings  map[string][]string // the queues of a message type
	queues    map[string]chan *broker.Delivery
	published []publication
	settled   []settlement
	parked    []settlement
	depths    map[string]broker.Depth // what Depths answers, if it is set
	broken    error                   // what Depths and ParkedMessages fail with

	// answer is the broker's answer to a publication, and whether the message
	// is in its queues. If it is nil, each message is kept and confirmed.
	answer func(m broker.Message, attempt int) (keep bool, err error)
	// beforeSettle is called before a delivery is settled; its error is returned
	// instead. It may be nil.
	beforeSettle func(s settlement) error
}

var _ broker.Conn = (*memoryBroker)(nil)

// publication is one call of Publish.
type publication struct {
	broker.Message
	at      time.Time
	attempt int // counts the publications of this message, from 1
	confirm *broker.Confirmation
}

// settlement is one call of Ack, Retry or Park.
type settlement struct {
	how     string // "ack", "retry" or "park"
	id      string
	queue   string
	attempt int
	delay   time.Duration
	reason  string
}

// errWithheld is an answer that does not come.
type errWithheld struct{}

func (errWithheld) Error() string { return "no answer yet" }

// newMemoryBroker returns a broker with the pipeline's queues.
func newMemoryBroker() *memoryBroker {
	b := &memoryBroker{bindings: map[string][]string{}, queues: map[string]chan *broker.Delivery{}}
	for _, q := range Topology(deliveryLimit).Queues {
		b.queues[q.Name] = make(chan *broker.Delivery, 10_000)
		for _, typ := range q.Types {
			b.bindings[typ] = append(b.bindings[typ], q.Name)
		}
	}
	return b
}

func (b *memoryBroker) Publish(m broker.Message) *broker.Confirmation {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := publication{Message: m, at: time.Now(), attempt: 1, confirm: broker.NewConfirmation()}
	for _, earlier := range b.published {
		if earlier.ID == m.ID {
			p.attempt++
		}
	}
	b.published = append(b.published, p)
	keep, err := true, error(nil)
	if b.answer != nil {
		keep, err = b.answer(m, p.attempt)
	}
	if keep {
		for _, queue := range b.bindings[m.Type] {
			b.queues[queue] <- b.delivery(queue, m, 1)
		}
	}
	if err != (errWithheld{}) {
		p.confirm.Resolve(err)
	}
	return p.confirm
}

// deliver puts a message into a queue, as if somebody had published it.
func (b *memoryBroker) deliver(queue string, m broker.Message) {
	b.queues[queue] <- b.delivery(queue, m, 1)
}

func (b *memoryBroker) delivery(queue string, m broker.Message, attempt int) *broker.Delivery {
	d := &broker.Delivery{Message: m, Attempt: attempt, Redelivery: attempt > 1, Generation: 1}
	d.Settler = &memorySettler{b: b, d: d, queue: queue}
	return d
}

func (b *memoryBroker) Consume(ctx context.Context, queue string, _ int, deliver func(*broker.Delivery)) error {
	for {
		select {
		case d := <-b.queues[queue]:
			deliver(d)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *memoryBroker) Close() error { return nil }

func (b *memoryBroker) Depths(_ context.Context, names ...string) (map[string]broker.Depth, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	depths := map[string]broker.Depth{}
	for _, name := range names {
		depths[name] = broker.Depth{Ready: int64(len(b.queues[name])), Unacked: -1}
		if name == broker.Parked {
			depths[name] = broker.Depth{Ready: int64(len(b.parked)), Unacked: -1}
		}
		if d, ok := b.depths[name]; ok {
			depths[name] = d
		}
	}
	return depths, b.broken
}

func (b *memoryBroker) ParkedMessages(_ context.Context, yield func(id, queue string) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.parked {
		if err := yield(s.id, s.queue); err != nil {
			return err
		}
	}
	return b.broken
}

// memorySettler settles one delivery of a memoryBroker.
type memorySettler struct {
	b     *memoryBroker
	d     *broker.Delivery
	queue string
}

func (s *memorySettler) settle(done settlement) error {
	done.id, done.queue, done.attempt = s.d.ID, s.queue, s.d.Attempt
	if s.b.beforeSettle != nil {
		if err := s.b.beforeSettle(done); err != nil {
			return err
		}
	}
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.settled = append(s.b.settled, done)
	switch done.how {
	case "park":
		s.b.parked = append(s.b.parked, done)
	case "retry":
		s.b.queues[s.queue] <- s.b.delivery(s.queue, s.d.Message, s.d.Attempt+1)
	}
	return nil
}

func (s *memorySettler) Ack() error { return s.settle(settlement{how: "ack"}) }
func (s *memorySettler) Retry(delay time.Duration) error {
	return s.settle(settlement{how: "retry", delay: delay})
}
func (s *memorySettler) Park(reason string) error {
	return s.settle(settlement{how: "park", reason: reason})
}

// publications returns what was published until now.
func (b *memoryBroker) publications() []publication {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.published)
}

// settlements returns what was settled until now, in one way or ("") in any.
func (b *memoryBroker) settlements(how string) (all []settlement) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.settled {
		if how == "" || s.how == how {
			all = append(all, s)
		}
	}
	return all
}

// setAnswer changes the answer to the publications that follow.
func (b *memoryBroker) setAnswer(answer func(m broker.Message, attempt int) (bool, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
}

// inBackground runs f until the test ends, and waits for its end.
func inBackground(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = f(ctx) // it returns the context's error
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}
