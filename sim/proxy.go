package sim

import (
	"context"
	"net"
	"time"
)

// Proxy is one link with everything that crosses it. What can be done to it
// beyond these is in Shaper, Cutter and Counted.
type Proxy interface {
	Name() string
	// RoundTrip measures one exchange through the link, over a connection of its
	// own.
	RoundTrip(ctx context.Context) (time.Duration, error)
	// OpenProbe opens a connection through the link, to see what becomes of it.
	OpenProbe(ctx context.Context) (ProbeConn, error)
}

// ProbeConn is a connection over a link that asks one question.
type ProbeConn interface {
	net.Conn
	// Probe sends the shortest request that its protocol answers.
	Probe() error
	// Answered waits for the first byte of the answer, until the connection's
	// read deadline.
	Answered() error
}

// Shaper is a link whose traffic can be made worse. The zero Shape ends that.
type Shaper interface {
	Shape(Shape)
}

// Shape is what a link does to what crosses it. Connections stay open, and all
// that is sent arrives in the end, in order.
type Shape struct {
	// Delay is added to each answer, give or take Jitter as Spread has it.
	Delay, Jitter time.Duration
	Spread        string // one of Spreads; "" is the first
	// Rate bounds the bytes per second each way, of all connections over the
	// link together; 0 is no bound.
	Rate float64
	// Hold keeps back requests, answers, or both.
	HoldRequests, HoldAnswers bool
}

// Spreads are the distributions that a delay can have around its jitter.
var Spreads = []string{"uniform", "normal", "pareto"}

// Cutter is a link whose connections can be ended.
type Cutter interface {
	// Cut ends every connection over the link at once; new ones are let in. It
	// returns how many there were.
	Cut() (connections int, err error)
	// Block ends every connection and refuses new ones, or lets them in again.
	Block(on bool) (connections int, err error)
	// Reset ends every connection with a TCP reset, and from then on every new one
	// when it has lived for so long.
	Reset(after time.Duration) (connections int, err error)
	// Spare ends that.
	Spare()
}

// Counted is a link that counts what crosses it.
type Counted interface {
	Traffic() Traffic
}

// Traffic is what has crossed a link since it was opened.
type Traffic struct {
	Accepted  int64         // connections
	Open      int64         // of them, now
	Requests  int64         // bytes that were handed on
	Answers   int64         // bytes that were handed back
	Throttled time.Duration // that bytes waited for the rate, all together
}
