package backend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// ServeNATS is the embedded broker: a JetStream server in this process, until
// ctx ends. Its settings come from the environment.
func ServeNATS(ctx context.Context, getenv func(string) string) error {
	host, portText, err := net.SplitHostPort(getenv("SQUALL_NATS_LISTEN"))
	if err != nil {
		return fmt.Errorf("SQUALL_NATS_LISTEN: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return fmt.Errorf("SQUALL_NATS_LISTEN: %w", err)
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "squall", Host: host, Port: port, NoSigs: true,
		JetStream: true, StoreDir: getenv("SQUALL_NATS_DIR"),
		JetStreamMaxMemory: 256 << 20, JetStreamMaxStore: 64 << 30,
		Username: getenv("SQUALL_NATS_USER"), Password: getenv("SQUALL_NATS_PASSWORD"),
		MaxPayload: 1 << 20,
	})
	if err != nil {
		return err
	}
	s.ConfigureLogger()
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return errors.New("it does not accept connections")
	}
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}
