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

// A connection that is lost is told of where it matters, not by the driver.
func init() { mysql.SetLogger(quiet{}) }

const sqlPort = "3306"

// databaseFlags set the database up alike in every image. A commit is safe from
// a crash of the database but not of the host, which is no fault that squall
// has; that is what SQLite promises on the embedded backing, too.
var databaseFlags = []string{
	"--innodb-flush-log-at-trx-commit=2", "--transaction-isolation=READ-COMMITTED",
	"--max-connections=500", "--skip-name-resolve", "--innodb-buffer-pool-size=256M",
}

// schemas are those that each trial gets.
var schemas = []string{"orders", "inventory", "payment", "shipping"}

// mariadb is the database of a run.
type mariadb struct {
	node     *node
	password string
	sql      *sql.DB
}

var _ interface {
	sim.ServerControl
	sim.ServerPauser
} = (*mariadb)(nil)

func (b *containers) runDatabase(ctx context.Context, image string) (err error) {
	b.database = &mariadb{password: b.password}
	b.database.node, err = b.run(ctx, nodeSpec{
		name: "database", image: image, flags: databaseFlags, ports: []string{sqlPort},
		env: map[string]string{"MARIADB_ROOT_PASSWORD": b.password},
	})
	return err
}

// ready waits for an SQL ping: the engine accepts TCP connections long before
// there is anybody to talk to. It returns the version.
func (m *mariadb) ready(ctx context.Context) (version string, err error) {
	if m.sql, err = sql.Open("mysql", "root:"+m.password+"@tcp("+m.node.addrs[sqlPort]+")/?timeout=2s&readTimeout=10s"); err != nil {
		return "", err
	}
	if err := m.Answers(ctx); err != nil {
		return "", fmt.Errorf("the database did not answer an SQL ping within %s: %w", serverReady, err)
	}
	if err := m.sql.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return "", fmt.Errorf("ask the database for its version: %w", err)
	}
	version, _, _ = strings.Cut(version, "-")
	return version, nil
}

// Down ends the database.
func (m *mariadb) Down(ctx context.Context, orderly bool) (string, error) {
	return m.node.down(ctx, orderly)
}

// Up starts it again and waits until it answers.
func (m *mariadb) Up(ctx context.Context) error {
	if err := m.node.up(ctx); err != nil {
		return err
	}
	defer m.node.held.Store(false)
	return m.Answers(ctx)
}

// Answers waits for an SQL ping.
func (m *mariadb) Answers(ctx context.Context) error {
	return poll(ctx, []*node{m.node}, func() error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		return m.sql.PingContext(ctx)
	})
}

func (m *mariadb) Pause(ctx context.Context) error          { return m.node.pause(ctx, true) }
func (m *mariadb) Resume(ctx context.Context) error         { return m.node.pause(ctx, false) }
func (m *mariadb) Paused(ctx context.Context) (bool, error) { return m.node.paused(ctx) }

func (m *mariadb) createNamespace(ctx context.Context, prefix string) error {
	for _, s := range schemas {
		if _, err := m.sql.ExecContext(ctx, "CREATE DATABASE `"+prefix+s+"` CHARACTER SET utf8mb4"); err != nil {
			return fmt.Errorf("make a schema: %w", err)
		}
	}
	return nil
}

func (m *mariadb) dropNamespace(ctx context.Context, prefix string) error {
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
		Addrs: []string{m.node.addrs[sqlPort]}, Protocol: "mysql", Meter: m.node.meter, Named: "MariaDB", Control: m,
		Env: map[string]string{
			"SQUALL_STORE": "mysql", "SQUALL_STORE_USER": "root", "SQUALL_STORE_PASSWORD": m.password, "SQUALL_STORE_PREFIX": prefix,
		},
	}
}
