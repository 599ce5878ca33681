package backend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/nats-io/nats-server/v2/server"
)

// The variables that hold the settings of ServeNATS.
const (
	envListen   = "SQUALL_NATS_LISTEN"
	envDir      = "SQUALL_NATS_DIR"
	envUser     = "SQUALL_NATS_USER"
	envPassword = "SQUALL_NATS_PASSWORD"
)

// ServeNATS is the embedded broker: a JetStream server in this process, until
// ctx ends. Its settings come from the environment.
func ServeNATS(ctx context.Context, getenv func(string) string) error {
	options, err := natsOptions(getenv)
	if err != nil {
		return fmt.Errorf("embedded broker: %w", err)
	}
	s, err := server.NewServer(options)
	if err != nil {
		return fmt.Errorf("embedded broker: %w", err)
	}
	s.ConfigureLogger()
	go s.Start()
	if !s.ReadyForConnections(jetstreamTime) {
		s.Shutdown()
		return fmt.Errorf("embedded broker: it accepts no connections at %s within %s", getenv(envListen), jetstreamTime)
	}
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}

// natsOptions reads the settings; the error tells everything that is wrong with
// them.
func natsOptions(getenv func(string) string) (*server.Options, error) {
	var errs []error
	host, portText, err := net.SplitHostPort(getenv(envListen))
	if err != nil {
		errs = append(errs, fmt.Errorf("%s: saw %q, expected host:port: %w", envListen, getenv(envListen), err))
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if len(errs) == 0 && (err != nil || port == 0) {
		errs = append(errs, fmt.Errorf("%s: saw port %q, expected 1 to 65535", envListen, portText))
	}
	for _, key := range []string{envDir, envUser, envPassword} {
		if getenv(key) == "" {
			errs = append(errs, fmt.Errorf("%s: it is not set", key))
		}
	}
	return &server.Options{
		ServerName: "squall", Host: host, Port: int(port), NoSigs: true,
		JetStream: true, StoreDir: getenv(envDir),
		JetStreamMaxMemory: 256 << 20, JetStreamMaxStore: 64 << 30,
		Username: getenv(envUser), Password: getenv(envPassword),
		MaxPayload: 1 << 20,
	}, errors.Join(errs...)
}
