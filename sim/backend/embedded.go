package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime/debug"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

func init() {
	register(Backend{
		Name:    "embedded",
		Summary: "JetStream as a child process of squall, SQLite files; needs nothing installed",
		Network: []string{"broker"},
		Start:   startEmbedded,
	})
}

// embedded starts a broker of its own for each trial, with files of its own.
type embedded struct{ o Options }

func startEmbedded(_ context.Context, o Options) (sim.Backend, error) { return &embedded{o}, nil }

func (b *embedded) Info() sim.BackendInfo {
	return sim.BackendInfo{Name: "embedded", Servers: map[string]string{
		"broker":   "JetStream (nats-server " + moduleVersion("github.com/nats-io/nats-server/v2") + ")",
		"database": "SQLite (modernc.org/sqlite " + moduleVersion("modernc.org/sqlite") + ")",
	}}
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown version"
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "of unknown version"
}

// brokerTime is how long the embedded broker may take to greet.
const brokerTime = 10 * time.Second

func (b *embedded) CreateNamespace(ctx context.Context, t sim.NamespaceSpec) (*sim.Servers, error) {
	addr, err := b.o.FreeAddr()
	if err != nil {
		return nil, err
	}
	user, password := "squall", secret()
	child, err := b.o.Launch(ctx, sim.Launch{
		Name: "broker", Service: "broker", Argv: b.o.ServerArgv, Log: t.Log("broker"),
		Env: []string{
			"SQUALL_NATS_LISTEN=" + addr, "SQUALL_NATS_DIR=" + filepath.Join(t.Dir, "jetstream"),
			"SQUALL_NATS_USER=" + user, "SQUALL_NATS_PASSWORD=" + password,
		},
		Event: func(kind, detail string) {
			if kind == sim.ProcessDied {
				t.Died(errors.New("the embedded broker is gone: " + detail))
			}
		},
	})
	if err == nil {
		err = greets(ctx, addr, brokerTime)
	}
	if err != nil {
		if child != nil {
			child.Stop(context.Background())
		}
		return nil, fmt.Errorf("start the embedded broker (log: %s): %w", t.Log("broker"), err)
	}
	return &sim.Servers{
		ByName: map[string]sim.Server{
			"broker": {
				Addrs: []string{addr}, Protocol: "nats", Meter: child, Named: "JetStream",
				Control: &natsServer{child: child, addr: addr, user: user, password: password},
				Env: map[string]string{
					"SQUALL_BROKER": "jetstream", "SQUALL_BROKER_USER": user, "SQUALL_BROKER_PASSWORD": password,
				},
			},
			"database": {Named: "SQLite", Env: map[string]string{"SQUALL_STORE": "sqlite"}},
		},
		Close: func(ctx context.Context) error { child.Stop(ctx); return nil },
	}, nil
}

func (b *embedded) Close(context.Context) error { return nil }

// greets waits until a server that speaks first does so.
func greets(ctx context.Context, addr string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		err := greeting(addr)
		if err == nil {
			return nil
		}
		if clock.Sleep(ctx, 5*time.Millisecond) != nil {
			return fmt.Errorf("no greeting from %s within %s: %w", addr, within, err)
		}
	}
}

func greeting(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, 1))
	return err
}
