package backend

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"squall/sim"
)

func init() {
	register(Backend{
		Name: "mariadb", Role: sim.RoleDatabase, Provided: ByContainer,
		Summary: "MariaDB in a container; needs a container engine and the image",
		Can:     []sim.Capability{sim.NetworkLink, sim.ServerRestart, sim.ServerPause},
		images:  Images{Official: "mariadb:11.8", Local: "squall/mariadb:latest"},
		start:   startMariaDB,
	})
	// The driver also logs what it returns as an error.
	_ = mysql.SetLogger(quiet{}) // it refuses only nil
}

const sqlPort = "3306"

// databaseFlags set the database up alike in every image. A commit is safe from
// a crash of the database but not of the host, which is no fault that squall
// has; SQLite promises the same here.
var databaseFlags = []string{
	"--innodb-flush-log-at-trx-commit=2", "--transaction-isolation=READ-COMMITTED",
	"--max-connections=500", "--skip-name-resolve", "--innodb-buffer-pool-size=256M",
}

// schemas are those that each trial gets.
var schemas = []string{"orders", "inventory", "payment", "shipping"}

// mariadb is the MariaDB of a run. Each trial gets schemas of its own.
type mariadb struct {
	*containers
	password string
	version  string
	sql      *sql.DB
}

var _ interface {
	sim.ServerControl
	sim.ServerPauser
} = (*mariadb)(nil)

func startMariaDB(ctx context.Context, s startSpec) (Driver, error) {
	m := &mariadb{containers: newContainers(s), password: secret()}
	err := m.run(ctx, nodeSpec{
		name: sim.RoleDatabase, flags: databaseFlags, ports: []string{sqlPort},
		env: map[string]string{"MARIADB_ROOT_PASSWORD": m.password},
	})
	if err == nil {
		err = m.ready(ctx)
	}
	if err != nil {
		return nil, errors.Join(m.abandon(ctx, err), m.disconnect())
	}
	return m, nil
}

// ready waits for an SQL ping: the engine accepts TCP connections long before
// the database does.
func (m *mariadb) ready(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, serverReady)
	defer cancel()
	if m.sql, err = sql.Open("mysql", "root:"+m.password+"@tcp("+m.addr()+")/?timeout=2s&readTimeout=10s"); err != nil {
		return err
	}
	if err := m.Answers(ctx); err != nil {
		return fmt.Errorf("the database did not answer an SQL ping within %s: %w", serverReady, err)
	}
	if err := m.sql.QueryRowContext(ctx, "SELECT VERSION()").Scan(&m.version); err != nil {
		return fmt.Errorf("ask the database for its version: %w", err)
	}
	m.version, _, _ = strings.Cut(m.version, "-")
	return nil
}

func (m *mariadb) addr() string { return m.nodes[0].addrs[sqlPort] }

// Down ends the database.
func (m *mariadb) Down(ctx context.Context, orderly bool) (string, error) {
	return m.down(ctx, orderly)
}

// Up starts it again and waits until it answers.
func (m *mariadb) Up(ctx context.Context) error {
	n := m.nodes[0]
	if err := n.up(ctx); err != nil {
		return err
	}
	defer n.held.Store(false)
	return m.Answers(ctx)
}

// Answers waits for an SQL ping.
func (m *mariadb) Answers(ctx context.Context) error {
	return m.poll(ctx, func() error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		return m.sql.PingContext(ctx)
	})
}

// Info says what serves.
func (m *mariadb) Info() Info { return Info{Version: "MariaDB " + m.version, Image: m.image} }

// CreateNamespace makes schemas with a prefix of their own.
func (m *mariadb) CreateNamespace(ctx context.Context, t sim.NamespaceSpec) (Namespace, error) {
	prefix := schemaPrefix(t.Name)
	for _, s := range schemas {
		if _, err := m.sql.ExecContext(ctx, "CREATE DATABASE `"+prefix+s+"` CHARACTER SET utf8mb4"); err != nil {
			return Namespace{}, errors.Join(fmt.Errorf("make a schema: %w", err), m.drop(context.WithoutCancel(ctx), prefix))
		}
	}
	stop := m.watch(t)
	return Namespace{Server: m.server(prefix), Close: func(ctx context.Context) error {
		stop()
		return errors.Join(m.saveLogs(ctx, t), m.drop(ctx, prefix))
	}}, nil
}

// schemaPrefix is what the names of a trial's schemas begin with.
func schemaPrefix(trial string) string { return "squall_" + strings.ReplaceAll(trial, "-", "_") + "_" }

// drop drops a trial's schemas.
func (m *mariadb) drop(ctx context.Context, prefix string) error {
	var errs []error
	for _, s := range schemas {
		_, err := m.sql.ExecContext(ctx, "DROP DATABASE IF EXISTS `"+prefix+s+"`")
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// server is what a trial is told of the database.
func (m *mariadb) server(prefix string) sim.Server {
	return sim.Server{
		Addrs: []string{m.addr()}, Protocol: "mysql", Meter: m.meters(), Named: "MariaDB", Control: m,
		Env: map[string]string{
			"SQUALL_STORE": "mysql", "SQUALL_STORE_USER": "root", "SQUALL_STORE_PASSWORD": m.password, "SQUALL_STORE_PREFIX": prefix,
		},
	}
}

// Close ends the connections and removes the container.
func (m *mariadb) Close(ctx context.Context) error { return errors.Join(m.disconnect(), m.close(ctx)) }

func (m *mariadb) disconnect() error {
	if m.sql == nil {
		return nil
	}
	return m.sql.Close()
}
