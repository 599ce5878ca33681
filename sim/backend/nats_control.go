package backend

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"squall/sim"
	"squall/sim/clock"
)

// natsServer is what a trial's faults can do to the embedded broker.
type natsServer struct {
	child                sim.Child
	addr, user, password string
}

var _ interface {
	sim.ServerControl
	sim.ServerPauser
	sim.MessageInjector
} = (*natsServer)(nil)

// Down ends the broker.
func (s *natsServer) Down(ctx context.Context, orderly bool) (string, error) {
	if !orderly {
		return s.child.Kill()
	}
	s.child.Stop(ctx)
	return "it ended when it was asked to", nil
}

// Up starts it again and waits until it greets.
func (s *natsServer) Up(ctx context.Context) error {
	if err := s.child.Restart(ctx); err != nil {
		return err
	}
	return s.Answers(ctx)
}

// Answers waits for its greeting.
func (s *natsServer) Answers(ctx context.Context) error { return greets(ctx, s.addr, brokerTime) }

func (s *natsServer) Pause(context.Context) error  { return s.child.Pause() }
func (s *natsServer) Resume(context.Context) error { return s.child.Resume() }

// Paused waits a moment for the kernel to show the broker stopped.
func (s *natsServer) Paused(ctx context.Context) (bool, error) {
	for range 100 {
		r, err := s.child.Resources()
		if err != nil || r.State == "T" {
			return err == nil, err
		}
		if err := clock.Sleep(ctx, 5*time.Millisecond); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (s *natsServer) connect() (*nats.Conn, error) {
	return nats.Connect("nats://"+s.addr, nats.UserInfo(s.user, s.password), nats.Name("fault"), nats.Timeout(2*time.Second))
}

// Send publishes under the message's type: every consumer of the type gets it.
func (s *natsServer) Send(ctx context.Context, queue sim.QueueSpec, l sim.Message) error {
	conn, err := s.connect()
	if err != nil {
		return fmt.Errorf("send to %s: %w", queue.Name, err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return fmt.Errorf("send to %s: %w", queue.Name, err)
	}
	m := nats.NewMsg(queue.Subjects + l.Type)
	m.Data = l.Body
	m.Header.Set("id", l.ID)
	m.Header.Set("type", l.Type)
	m.Header.Set("traceparent", l.Trace)
	if _, err := js.PublishMsg(ctx, m); err != nil {
		return fmt.Errorf("send %s to %s: %w", l.ID, queue.Name, err)
	}
	return nil
}

// Tap listens to what the queue's subjects carry.
func (s *natsServer) Tap(ctx context.Context, queue sim.QueueSpec, n int) (letters []sim.Message, err error) {
	conn, err := s.connect()
	if err != nil {
		return nil, fmt.Errorf("tap %s: %w", queue.Name, err)
	}
	defer conn.Close()
	heard := make(chan *nats.Msg, 1024)
	for _, typ := range queue.Types {
		if _, err := conn.ChanSubscribe(queue.Subjects+typ, heard); err != nil {
			return nil, fmt.Errorf("tap %s: %w", queue.Name, err)
		}
	}
	for len(letters) < n {
		select {
		case m := <-heard:
			letters = append(letters, sim.Message{ID: m.Header.Get("id"), Type: m.Header.Get("type"), Trace: m.Header.Get("traceparent"), Body: m.Data})
		case <-ctx.Done():
			return letters, ctx.Err()
		}
	}
	return letters, nil
}
