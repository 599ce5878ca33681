package backing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	_ "github.com/go-sql-driver/mysql" // the database is pinged and given schemas
	rabbithole "github.com/michaelklishin/rabbit-hole/v3"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/testcontainers/testcontainers-go"
	"golang.org/x/sync/errgroup"

	"squall/sim"
)

func init() {
	register(Flavour{
		Name:    "container",
		Summary: "RabbitMQ and MariaDB in containers; needs a container engine and the images",
		Network: []string{"broker", "database"},
		Start:   startContainers,
	})
}

const (
	rabbitUser  = "squall"
	serverReady = 90 * time.Second
)

// databaseFlags set the database up alike in every image. A commit is safe from
// a crash of the database but not of the host, which is no fault that squall
// has; that is what SQLite promises on the embedded backing, too.
var databaseFlags = []string{
	"--innodb-flush-log-at-trx-commit=2", "--transaction-isolation=READ-COMMITTED",
	"--max-connections=500", "--skip-name-resolve", "--innodb-buffer-pool-size=256M",
}

// containers runs one broker and one database for all trials; each trial gets
// a virtual host and schemas of its own.
type containers struct {
	o        Options
	info     sim.BackingInfo
	password string
	broker   *served
	database *served
	manage   *rabbithole.Client
	sql      *sql.DB
}

// served is one container and the fixed loopback addresses of its ports: they
// stay the same when it is started again.
type served struct {
	*testcontainers.DockerContainer
	name  string
	addrs map[string]string // container port -> host:port
	held  atomic.Bool       // it is down because squall wants it so
	meter *meter
}

func startContainers(ctx context.Context, o Options) (sim.Backing, error) {
	images, err := chooseImages(ctx, o)
	if err != nil {
		return nil, err
	}
	b := &containers{o: o, password: secret(), info: sim.BackingInfo{Name: "container", Images: images}}
	var g errgroup.Group
	g.Go(func() (err error) {
		b.broker, err = b.run(ctx, "broker", images["broker"], nil, []string{"5672", "15672"}, map[string]string{
			"RABBITMQ_DEFAULT_USER": rabbitUser, "RABBITMQ_DEFAULT_PASS": b.password,
		})
		return err
	})
	g.Go(func() (err error) {
		b.database, err = b.run(ctx, "database", images["database"], databaseFlags, []string{"3306"}, map[string]string{
			"MARIADB_ROOT_PASSWORD": b.password,
		})
		return err
	})
	err = g.Wait()
	if err == nil {
		err = b.ready(ctx)
	}
	if err != nil {
		err = errors.Join(err, b.logs())
		b.Close(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("container backing: %w", err)
	}
	return b, nil
}

// run starts a container with its ports bound to the loopback interface.
func (b *containers) run(ctx context.Context, name, image string, flags, ports []string, env map[string]string) (*served, error) {
	s := &served{name: name, addrs: map[string]string{}}
	bindings := network.PortMap{}
	var exposed []string
	for _, p := range ports {
		addr, err := b.o.FreeAddr()
		if err != nil {
			return nil, err
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		inside, err := network.ParsePort(p + "/tcp")
		if err != nil {
			return nil, err
		}
		s.addrs[p] = addr
		exposed = append(exposed, p+"/tcp")
		bindings[inside] = []network.PortBinding{{HostIP: netip.MustParseAddr("127.0.0.1"), HostPort: port}}
	}
	c, err := testcontainers.Run(ctx, image,
		testcontainers.WithEnv(env),
		testcontainers.WithCmd(flags...),
		testcontainers.WithExposedPorts(exposed...),
		testcontainers.WithLabels(Labels(b.o.RunID)),
		testcontainers.WithHostConfigModifier(func(h *container.HostConfig) { h.PortBindings = bindings }),
		testcontainers.WithLogger(quiet{}),
	)
	s.DockerContainer = c
	if err != nil {
		return s, fmt.Errorf("start %s from %s: %w", name, image, err)
	}
	s.meter = &meter{id: c.GetContainerID()}
	s.meter.Resources() // begins to listen
	return s, nil
}

// quiet drops the library's own chatter: what goes wrong is in its errors.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// ready waits for an AMQP handshake and an SQL ping: the engine accepts TCP
// connections long before there is anybody to talk to.
func (b *containers) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, serverReady)
	defer cancel()
	version, err := b.handshake(ctx)
	if err != nil {
		return fmt.Errorf("the broker did not complete an AMQP handshake within %s: %w", serverReady, err)
	}
	b.info.Servers = map[string]string{"broker": "RabbitMQ " + version}
	if b.manage, err = rabbithole.NewClient("http://"+b.broker.addrs["15672"], rabbitUser, b.password); err != nil {
		return err
	}
	b.manage.SetTimeout(10 * time.Second)
	if err := b.poll(ctx, func() error { _, err := b.manage.Overview(); return err }); err != nil {
		return fmt.Errorf("the broker's management API did not answer within %s: %w", serverReady, err)
	}
	if b.sql, err = sql.Open("mysql", "root:"+b.password+"@tcp("+b.database.addrs["3306"]+")/?timeout=2s"); err != nil {
		return err
	}
	if err := b.poll(ctx, func() error { return b.sql.PingContext(ctx) }); err != nil {
		return fmt.Errorf("the database did not answer an SQL ping within %s: %w", serverReady, err)
	}
	if err := b.sql.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return fmt.Errorf("ask the database for its version: %w", err)
	}
	version, _, _ = strings.Cut(version, "-")
	b.info.Servers["database"] = "MariaDB " + version
	return nil
}

// handshake waits until the broker completes an AMQP handshake, and returns its
// version.
func (b *containers) handshake(ctx context.Context) (version string, err error) {
	url := "amqp://" + rabbitUser + ":" + b.password + "@" + b.broker.addrs["5672"]
	err = b.poll(ctx, func() error {
		conn, err := amqp.DialConfig(url, amqp.Config{Dial: amqp.DefaultDial(2 * time.Second)})
		if err != nil {
			return err
		}
		version, _ = conn.Properties["version"].(string)
		return conn.Close()
	})
	return version, err
}

// restart kills a container's processes with SIGKILL, starts it again, and
// waits until it answers.
func (b *containers) restart(ctx context.Context, s *served, answers func(context.Context) error) error {
	s.held.Store(true)
	defer s.held.Store(false)
	if err := killAndStart(ctx, s.GetContainerID()); err != nil {
		return fmt.Errorf("restart the %s: %w", s.name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, serverReady)
	defer cancel()
	if err := answers(ctx); err != nil {
		return fmt.Errorf("restart the %s: it did not answer: %w", s.name, err)
	}
	return nil
}

// poll tries until it works, ctx ends or a container has ended, and returns the
// last error.
func (b *containers) poll(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		for _, s := range []*served{b.broker, b.database} {
			if state, stateErr := s.State(ctx); stateErr == nil && !state.Running && !s.held.Load() {
				return fmt.Errorf("the %s's container ended with status %d", s.name, state.ExitCode)
			}
		}
		if sim.Sleep(ctx, 100*time.Millisecond) != nil {
			return err
		}
	}
}

func (b *containers) Info() sim.BackingInfo { return b.info }

var schemas = []string{"orders", "inventory", "payment", "shipping"}

func (b *containers) Trial(ctx context.Context, t sim.TrialSpace) (*sim.Servers, error) {
	if res, err := b.manage.PutVhost(t.Name, rabbithole.VhostSettings{}); err != nil {
		return nil, fmt.Errorf("make a virtual host: %w", err)
	} else {
		res.Body.Close()
	}
	prefix := "squall_" + strings.ReplaceAll(t.Name, "-", "_") + "_"
	for _, s := range schemas {
		if _, err := b.sql.ExecContext(ctx, "CREATE DATABASE `"+prefix+s+"` CHARACTER SET utf8mb4"); err != nil {
			return nil, fmt.Errorf("make a schema: %w", err)
		}
	}
	watching, stop := context.WithCancel(context.Background())
	go b.watch(watching, t)
	return &sim.Servers{
		ByName: map[string]sim.Server{
			"broker": {Addr: b.broker.addrs["5672"], Protocol: "amqp", Meter: b.broker.meter, Named: "RabbitMQ", Restart: func(ctx context.Context) error {
				return b.restart(ctx, b.broker, func(ctx context.Context) error { _, err := b.handshake(ctx); return err })
			}, Env: map[string]string{
				"SQUALL_BROKER": "rabbitmq", "SQUALL_BROKER_USER": rabbitUser, "SQUALL_BROKER_PASSWORD": b.password, "SQUALL_BROKER_VHOST": t.Name,
			}},
			"database": {Addr: b.database.addrs["3306"], Protocol: "mysql", Meter: b.database.meter, Named: "MariaDB", Restart: func(ctx context.Context) error {
				return b.restart(ctx, b.database, func(ctx context.Context) error {
					return b.poll(ctx, func() error { return b.sql.PingContext(ctx) })
				})
			}, Env: map[string]string{
				"SQUALL_STORE": "mysql", "SQUALL_STORE_USER": "root", "SQUALL_STORE_PASSWORD": b.password, "SQUALL_STORE_PREFIX": prefix,
			}},
		},
		Close: func(ctx context.Context) error {
			stop()
			return errors.Join(b.saveLogs(ctx, t), b.clear(ctx, t.Name, prefix))
		},
	}, nil
}

// clear removes a trial's virtual host and schemas.
func (b *containers) clear(ctx context.Context, vhost, prefix string) error {
	var errs []error
	res, err := b.manage.DeleteVhost(vhost)
	if err == nil {
		res.Body.Close()
	}
	errs = append(errs, err)
	for _, s := range schemas {
		_, err := b.sql.ExecContext(ctx, "DROP DATABASE IF EXISTS `"+prefix+s+"`")
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// watch ends the trial when a container is gone that nobody stopped.
func (b *containers) watch(ctx context.Context, t sim.TrialSpace) {
	for sim.Sleep(ctx, time.Second) == nil {
		for _, s := range []*served{b.broker, b.database} {
			state, err := s.State(ctx)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				t.Died(fmt.Errorf("the container engine does not answer for the %s: %w", s.name, err))
				return
			}
			if !state.Running && !state.Restarting && !s.held.Load() {
				b.saveLogs(ctx, t)
				t.Died(fmt.Errorf("the %s's container ended with status %d; its log is %s", s.name, state.ExitCode, t.Log(s.name)))
				return
			}
		}
	}
}

// saveLogs keeps what the servers wrote beside the processes' logs.
func (b *containers) saveLogs(ctx context.Context, t sim.TrialSpace) error {
	var errs []error
	for _, s := range []*served{b.broker, b.database} {
		text, err := s.text(ctx)
		if err == nil {
			err = os.WriteFile(t.Log(s.name), text, 0o644)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *served) text(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := s.Logs(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, 16<<20))
}

// logs returns the last lines of containers that would not come up, as an
// error to be read with the one that says so.
func (b *containers) logs() error {
	var errs []error
	for _, s := range []*served{b.broker, b.database} {
		if s == nil || s.DockerContainer == nil {
			continue
		}
		text, err := s.text(context.Background())
		if err != nil || len(text) == 0 {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		errs = append(errs, fmt.Errorf("the last the %s wrote:\n%s", s.name, strings.Join(lines[max(0, len(lines)-20):], "\n")))
	}
	return errors.Join(errs...)
}

func (b *containers) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if b.sql != nil {
		b.sql.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	var g errgroup.Group
	for _, s := range []*served{b.broker, b.database} {
		if s != nil && s.DockerContainer != nil {
			if s.meter != nil {
				s.meter.close()
			}
			g.Go(func() error {
				return s.Terminate(ctx, testcontainers.StopTimeout(0))
			})
		}
	}
	return g.Wait()
}

// Labels mark a container as a run's, and name the process that owns it.
func Labels(runID string) map[string]string {
	return map[string]string{labelRun: runID, labelOwner: strconv.Itoa(os.Getpid())}
}
