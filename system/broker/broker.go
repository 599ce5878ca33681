package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Message is one message as it is published and delivered.
type Message struct {
	ID    string
	Type  string // the routing key
	Body  []byte
	Trace string // W3C traceparent
}

// Broker publishes and consumes. After the loss of a connection it connects
// again, with backoff, until Close.
type Broker interface {
	// Publish sends a persistent message and returns at once; the broker's
	// answer is in the Confirmation. It must not be called after Close.
	Publish(m Message) *Confirmation
	// Consume hands the messages of a queue to deliver, at most prefetch of
	// them unsettled at a time, until ctx ends. deliver must not block.
	Consume(ctx context.Context, queue string, prefetch int, deliver func(*Delivery)) error
	// Close ends all connections, within two seconds.
	Close() error
}

// Inspector says what is in a broker.
type Inspector interface {
	// Depths returns the depth of each of the named queues: those of the
	// topology, Parked, and Retry (all that wait for another attempt, where
	// the broker keeps these in a queue of their own).
	Depths(ctx context.Context, names ...string) (map[string]Depth, error)
	// ParkedMessages yields each parked message's id and the queue that it was
	// set aside from. The messages stay where they are.
	ParkedMessages(ctx context.Context, yield func(id, queue string) error) error
}

// Conn is what Open returns.
type Conn interface {
	Broker
	Inspector
}

// Depth is how many messages a queue holds.
type Depth struct {
	Ready int64 // not delivered yet
	// Unacked counts the delivered but unsettled ones, delayed ones included;
	// -1 when the broker does not say.
	Unacked int64
}

// Names of the two queues that every topology has.
const (
	Parked = "parked"
	Retry  = "retry"
)

// Where messages go: the topic exchange that all queues are bound to on
// RabbitMQ, and the prefix of the types' subjects on JetStream.
const (
	Exchange = "squall.events"
	Subjects = "events."
)

// Why a message was not confirmed, or a delivery not settled.
var (
	ErrUnroutable    = errors.New("no queue is bound to the message's type")
	ErrNacked        = errors.New("the broker refused the message")
	ErrIndeterminate = errors.New("the connection was lost before the broker answered: the message may or may not be there")
	ErrDisconnected  = errors.New("not connected to the broker")
	ErrBlocked       = errors.New("the broker blocks publishers")
	ErrStale         = errors.New("the connection that the delivery came over is gone: the broker delivers it again")
)

// Confirmation is the broker's answer to one published message, once it comes.
type Confirmation struct {
	done chan struct{}
	err  error
}

// NewConfirmation returns one without an answer. A driver calls Resolve later.
func NewConfirmation() *Confirmation { return &Confirmation{done: make(chan struct{})} }

// answered returns a confirmation with its answer.
func answered(err error) *Confirmation {
	c := NewConfirmation()
	c.Resolve(err)
	return c
}

// Resolve gives the answer: nil for a message that the broker keeps. A driver
// calls it once.
func (c *Confirmation) Resolve(err error) {
	c.err = err
	close(c.done)
}

// Done is closed when the answer is known.
func (c *Confirmation) Done() <-chan struct{} { return c.done }

// Err returns nil for a confirmed message, else one of the errors above. It
// must be called after Done is closed.
func (c *Confirmation) Err() error { return c.err }

// Delivery is one message handed to a consumer, which settles it once: by Ack,
// Retry or Park.
type Delivery struct {
	Message
	Attempt    int // 1 for the first delivery
	Redelivery bool
	Generation int // counts the connections of this consumer, from 1
	Settler
}

// Settler tells the broker what became of a delivery. Each method returns
// ErrStale when the connection that the delivery came over is gone: the broker
// then delivers the message again, to this or another consumer.
type Settler interface {
	// Ack says that the message was handled.
	Ack() error
	// Retry gives the message back, to be delivered again after about delay.
	Retry(delay time.Duration) error
	// Park sets the message aside for a person, with the reason.
	Park(reason string) error
}

// Queue is one service's queue and the message types that it is bound to.
type Queue struct {
	Name  string
	Types []string
}

// Topology is what must exist in the broker before anybody publishes.
type Topology struct {
	Queues        []Queue
	DeliveryLimit int             // deliveries of one message before it is parked
	DropAtLimit   bool            // a seeded bug: drop it instead
	RetryDelays   []time.Duration // the delays that Retry can choose from, rising
}

// delay returns the smallest retry delay that is not under d.
func (t Topology) delay(d time.Duration) time.Duration {
	for _, r := range t.RetryDelays {
		if r >= d {
			return r
		}
	}
	return t.RetryDelays[len(t.RetryDelays)-1]
}

// bound returns the message types that any queue is bound to.
func (t Topology) bound() (types []string) {
	seen := map[string]bool{}
	for _, q := range t.Queues {
		for _, typ := range q.Types {
			if !seen[typ] {
				seen[typ] = true
				types = append(types, typ)
			}
		}
	}
	return types
}

// Config says where a broker is and how to log in.
type Config struct {
	Kind     string // "rabbitmq" or "jetstream"
	Addr     string // host:port; each node's of a cluster, divided by commas
	User     string
	Password string // never printed
	VHost    string // rabbitmq
	Client   string // the connections' name in the broker's own tools
	// IgnoreUnroutable is a seeded bug: messages are published without asking
	// the broker to return what it cannot route. JetStream's driver does not
	// wait for an answer at all.
	IgnoreUnroutable bool
	// StaleAcks is a seeded bug: deliveries of an earlier connection are
	// acknowledged on the present one. It concerns RabbitMQ alone.
	StaleAcks bool
	// Notify is told when a connection changes: kind is "broker.connected",
	// "broker.lost", "broker.blocked" or "broker.unblocked", role "publish" or
	// "consume". It may be nil.
	Notify func(kind, role, detail string)
}

func (c Config) notify(kind, role, detail string) {
	if c.Notify != nil {
		c.Notify(kind, role, detail)
	}
}

type opener func(context.Context, Config, Topology) (Conn, error)

var kinds = map[string]opener{}

func register(kind string, open opener) {
	if kinds[kind] != nil {
		panic(fmt.Sprintf("register broker: saw a second kind named %q; expected names that differ", kind))
	}
	kinds[kind] = open
}

// Kinds lists the kinds of brokers that there are drivers for.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// Open connects and declares the topology, trying until ctx ends.
func Open(ctx context.Context, c Config, t Topology) (Conn, error) {
	open := kinds[c.Kind]
	if open == nil {
		return nil, fmt.Errorf("open broker: saw the kind %q; expected one of %s", c.Kind, strings.Join(Kinds(), ", "))
	}
	b, err := open(ctx, c, t)
	if err != nil {
		return nil, fmt.Errorf("open broker %s at %s: %w", c.Kind, c.Addr, err)
	}
	return b, nil
}
