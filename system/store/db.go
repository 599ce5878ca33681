package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Config says where a schema is.
type Config struct {
	Kind     string // "sqlite" or "mysql"
	Dir      string // sqlite: the folder of the files
	Addr     string // mysql: host:port
	User     string // mysql
	Password string // mysql; never printed
	Prefix   string // mysql: put before the schema's name
	Schema   string // the service that owns it
}

// DB is one service's schema.
type DB struct {
	dialect dialect
	write   *sql.DB
	read    *sql.DB
	gate    gate
}

// dialect is what differs between the databases: data, and two questions
// about an error.
type dialect struct {
	name         string
	insertIgnore string // the verb of an insert that leaves existing keys alone
	types        map[string]string
	transient    func(error) bool // a deadlock or a busy file: the same transaction may succeed if begun again
	oneTrip      bool             // several statements, divided by semicolons, may go in one round trip
}

// gate lets one writer in at a time, where the database itself would make
// waiting writers poll. The function that enter returns lets the next one in.
type gate interface {
	enter(ctx context.Context) (leave func(), err error)
}

type openGate struct{}

func (openGate) enter(context.Context) (func(), error) { return func() {}, nil }

// dialects is how Open finds a database, by the kind's name.
var dialects = map[string]func(Config) (*DB, error){}

func register(kind string, open func(Config) (*DB, error)) {
	if dialects[kind] != nil {
		panic("store: two dialects named " + kind)
	}
	dialects[kind] = open
}

// Open connects to a schema and creates what it lacks. It keeps trying until
// ctx ends, since a database may come up later than its users.
func Open(ctx context.Context, c Config) (*DB, error) {
	open := dialects[c.Kind]
	if open == nil {
		return nil, fmt.Errorf("open store: unknown kind %q", c.Kind)
	}
	db, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", c.Schema, err)
	}
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		return struct{}{}, db.migrate(ctx, c.Schema)
	}, backoff.WithBackOff(quick()), backoff.WithMaxElapsedTime(0))
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open store %s: %w", c.Schema, err)
	}
	return db, nil
}

func quick() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 2*time.Millisecond, 500*time.Millisecond
	return b
}

// Close releases the connections.
func (db *DB) Close() error { return errors.Join(db.read.Close(), db.write.Close()) }

// Tx is a transaction in which the statements of this package run.
type Tx struct {
	ctx    context.Context
	q      querier
	d      *dialect
	later  []deferred
	orders map[string]*lockedOrder // those that this transaction holds
}

type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// Update runs f in one transaction and commits it. A transaction that lost a
// deadlock or found the file busy is begun again, so f must not have effects
// outside tx.
func (db *DB) Update(ctx context.Context, f func(tx *Tx) error) error {
	return db.retry(ctx, func() error {
		tx, err := db.write.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer tx.Rollback()
		t := &Tx{ctx: ctx, q: tx, d: &db.dialect}
		if err := f(t); err != nil {
			return err
		}
		if err := t.flush(); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	})
}

// Single runs f, which makes one change with one statement. That commits by
// itself, without the round trips of a transaction around it.
func (db *DB) Single(ctx context.Context, f func(tx *Tx) error) error {
	return db.retry(ctx, func() error {
		t := &Tx{ctx: ctx, q: db.write, d: &db.dialect}
		err := f(t)
		if len(t.later) > 0 {
			panic("store: a single statement with more to follow")
		}
		return err
	})
}

func (db *DB) retry(ctx context.Context, try func() error) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		leave, err := db.gate.enter(ctx)
		if err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		defer leave()
		if err = try(); err != nil && !db.dialect.transient(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(quick()), backoff.WithMaxTries(12))
	return err
}

// View runs read-only statements, without a transaction around them.
func (db *DB) View(ctx context.Context, f func(tx *Tx) error) error {
	return f(&Tx{ctx: ctx, q: db.read, d: &db.dialect})
}

func (tx *Tx) exec(query string, args ...any) (int64, error) {
	res, err := tx.q.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// insertNew inserts a row unless its key is there; it reports whether it did.
func (tx *Tx) insertNew(into string, args ...any) (bool, error) {
	n, err := tx.exec(tx.d.insertIgnore+" INTO "+into+" VALUES "+marks(len(args)), args...)
	return n > 0, err
}

// count runs a query for one number.
func (tx *Tx) count(query string, args ...any) (n int64, err error) {
	err = tx.q.QueryRowContext(tx.ctx, query, args...).Scan(&n)
	return n, err
}

// each calls f for every row of a query; f scans it.
func (tx *Tx) each(f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.q.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// marks returns "(?,?,...)" with n marks.
func marks(n int) string {
	b := make([]byte, 0, 2*n+1)
	b = append(b, '(')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '?')
	}
	return string(append(b, ')'))
}
