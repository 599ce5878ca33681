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
		Name: "jetstream", Role: sim.RoleBroker, Provided: ByChild,
		Summary: "NATS JetStream as a child process of squall, one for each trial; needs nothing installed",
		Can:     []sim.Capability{sim.NetworkLink, sim.ServerRestart, sim.ServerPause, sim.QueueInject},
		start: func(_ context.Context, s startSpec) (Driver, error) {
			return &jetstreamDriver{launch: s.Launch, freeAddr: s.FreeAddr, argv: s.ServerArgv}, nil
		},
	})
}

// jetstreamDriver starts a broker of its own for each trial, with files of its
// own.
type jetstreamDriver struct {
	launch   func(ctx context.Context, l sim.Launch) (sim.Child, error)
	freeAddr func() (string, error)
	argv     []string // see ServeNATS
}

// Info says what serves.
func (*jetstreamDriver) Info() Info {
	return Info{Version: "JetStream (nats-server " + moduleVersion("github.com/nats-io/nats-server/v2") + ")"}
}

// moduleVersion is the version of a module that this program was built with.
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

// jetstreamTime is how long the embedded broker may take to answer.
const jetstreamTime = 10 * time.Second

// CreateNamespace starts a broker for the trial.
func (d *jetstreamDriver) CreateNamespace(ctx context.Context, t sim.NamespaceSpec) (Namespace, error) {
	addr, err := d.freeAddr()
	if err != nil {
		return Namespace{}, err
	}
	s := &jetstreamServer{addr: addr, user: "squall", password: secret()}
	child, err := d.launch(ctx, sim.Launch{
		Name: sim.RoleBroker, Service: sim.RoleBroker, Argv: d.argv, Log: t.Log(sim.RoleBroker),
		Env: []string{
			envListen + "=" + addr, envDir + "=" + filepath.Join(t.Dir, "jetstream"),
			envUser + "=" + s.user, envPassword + "=" + s.password,
		},
		Event: func(kind, detail string) {
			if kind == sim.ProcessDied {
				t.Died(errors.New("the embedded broker is gone: " + detail))
			}
		},
	})
	if err == nil {
		err = awaitFirstByte(ctx, addr, jetstreamTime)
	}
	if err != nil {
		if child != nil {
			child.Stop(context.WithoutCancel(ctx))
		}
		return Namespace{}, fmt.Errorf("start the embedded broker (log: %s): %w", t.Log(sim.RoleBroker), err)
	}
	s.child = child
	return Namespace{
		Server: s.server(),
		Close:  func(ctx context.Context) error { child.Stop(ctx); return nil },
	}, nil
}

// Close has nothing to end: each trial ends its own broker.
func (*jetstreamDriver) Close(context.Context) error { return nil }

// awaitFirstByte waits until a server that sends something first does so.
func awaitFirstByte(ctx context.Context, addr string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		err := firstByte(addr)
		if err == nil {
			return nil
		}
		if clock.Sleep(ctx, 5*time.Millisecond) != nil {
			return fmt.Errorf("%s sent nothing within %s: %w", addr, within, err)
		}
	}
}

func firstByte(addr string) error {
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
