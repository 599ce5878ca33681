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

// jetstreamServer is the embedded broker of one trial, and what its faults can do
// to it.
type jetstreamServer struct {
	child                sim.Child
	addr, user, password string
}

var _ interface {
	sim.ServerControl
	sim.ServerPauser
	sim.MessageInjector
} = (*jetstreamServer)(nil)

// server is what the trial is told of the broker.
func (s *jetstreamServer) server() sim.Server {
	return sim.Server{
		Addrs: []string{s.addr}, Protocol: "nats", Meter: s.child, Named: "JetStream", Control: s,
		Env: map[string]string{"SQUALL_BROKER": "jetstream", "SQUALL_BROKER_USER": s.user, "SQUALL_BROKER_PASSWORD": s.password},
	}
}

// Down ends the broker.
func (s *jetstreamServer) Down(ctx context.Context, orderly bool) (string, error) {
	if !orderly {
		return s.child.Kill()
	}
	s.child.Stop(ctx)
	return "it ended when it was asked to", nil
}

// Up starts it again and waits until it answers.
func (s *jetstreamServer) Up(ctx context.Context) error {
	if err := s.child.Restart(ctx); err != nil {
		return err
	}
	return s.Answers(ctx)
}

// Answers waits for the first line, which the broker sends to each connection.
func (s *jetstreamServer) Answers(ctx context.Context) error {
	return awaitFirstByte(ctx, s.addr, jetstreamTime)
}

// Pause stops the process.
func (s *jetstreamServer) Pause(context.Context) error { return s.child.Pause() }

// Resume lets the process continue.
func (s *jetstreamServer) Resume(context.Context) error { return s.child.Resume() }

// Paused waits a moment for the kernel to show the broker stopped.
func (s *jetstreamServer) Paused(ctx context.Context) (bool, error) {
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

func (s *jetstreamServer) connect() (*nats.Conn, error) {
	return nats.Connect("nats://"+s.addr, nats.UserInfo(s.user, s.password), nats.Name("fault"), nats.Timeout(2*time.Second))
}

// Send publishes under the message's type: every consumer of the type gets it.
func (s *jetstreamServer) Send(ctx context.Context, queue sim.QueueSpec, m sim.Message) error {
	conn, err := s.connect()
	if err != nil {
		return fmt.Errorf("send to %s: %w", queue.Name, err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return fmt.Errorf("send to %s: %w", queue.Name, err)
	}
	out := nats.NewMsg(queue.Subjects + m.Type)
	out.Data = m.Body
	out.Header.Set("id", m.ID)
	out.Header.Set("type", m.Type)
	out.Header.Set("traceparent", m.Trace)
	if _, err := js.PublishMsg(ctx, out); err != nil {
		return fmt.Errorf("send %s to %s: %w", m.ID, queue.Name, err)
	}
	return nil
}

// Tap subscribes to the queue's subjects.
func (s *jetstreamServer) Tap(ctx context.Context, queue sim.QueueSpec, n int) (messages []sim.Message, err error) {
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
	for len(messages) < n {
		select {
		case m := <-heard:
			messages = append(messages, sim.Message{
				ID: m.Header.Get("id"), Type: m.Header.Get("type"), Trace: m.Header.Get("traceparent"), Body: m.Data,
			})
		case <-ctx.Done():
			return messages, ctx.Err()
		}
	}
	return messages, nil
}
