package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	writers writerLock
}

// dialect is what differs between the databases.
type dialect struct {
	name            string
	insertIgnore    string            // the verb of an insert that does nothing when the key exists
	types           map[string]string // what schema.go's words SERIAL, WORD, BODY and ENGINE become
	transient       func(error) bool  // a deadlock or a busy file: the same transaction may succeed if begun again
	multiStatements bool              // one call may run several statements, divided by semicolons
}

// writerLock is held during each write. A database in which waiting writers
// poll has one that grants them the lock in turn.
type writerLock interface {
	lock(ctx context.Context) (unlock func(), err error)
	close() error
}

// noLock is for a database that orders writers itself.
type noLock struct{}

func (noLock) lock(context.Context) (func(), error) { return func() {}, nil }
func (noLock) close() error                         { return nil }

// dialects holds what opens a database, by the kind's name.
var dialects = map[string]func(Config) (*DB, error){}

func register(kind string, open func(Config) (*DB, error)) {
	if dialects[kind] != nil {
		panic(fmt.Sprintf("register store: saw a second kind named %q; expected names that differ", kind))
	}
	dialects[kind] = open
}

// Kinds lists the kinds of databases that can be opened.
func Kinds() []string { return slices.Sorted(maps.Keys(dialects)) }

// Open connects to a schema and creates what it lacks. It keeps trying until
// ctx ends, since a database may come up later than its users.
func Open(ctx context.Context, c Config) (*DB, error) {
	open := dialects[c.Kind]
	if open == nil {
		return nil, fmt.Errorf("open store: saw the kind %q; expected one of %s", c.Kind, strings.Join(Kinds(), ", "))
	}
	db, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", c.Schema, err)
	}
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		return struct{}{}, db.migrate(ctx, c.Schema)
	}, backoff.WithBackOff(shortDelays()), backoff.WithMaxElapsedTime(0))
	if err != nil {
		_ = db.Close() // nothing was written; the error to tell is err
		return nil, fmt.Errorf("open store %s: %w", c.Schema, err)
	}
	return db, nil
}

// shortDelays are the waits before a transaction is begun again.
func shortDelays() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 2*time.Millisecond, 500*time.Millisecond
	return b
}

// Close ends the connections.
func (db *DB) Close() error {
	return errors.Join(db.read.Close(), db.write.Close(), db.writers.close())
}

// Tx is a transaction in which the statements of this package run.
type Tx struct {
	ctx    context.Context
	q      querier
	d      *dialect
	later  []deferred              // to run before the commit
	orders map[string]*lockedOrder // those that this transaction has locked, by id
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

// Single runs f, which makes one change with one statement. The statement
// commits by itself, which saves the round trips of a transaction.
func (db *DB) Single(ctx context.Context, f func(tx *Tx) error) error {
	return db.retry(ctx, func() error {
		t := &Tx{ctx: ctx, q: db.write, d: &db.dialect}
		err := f(t)
		if len(t.later) > 0 {
			panic("store: Single was called with a function that defers statements; expected Update")
		}
		return err
	})
}

// retry calls try until it succeeds or fails for good.
func (db *DB) retry(ctx context.Context, try func() error) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		unlock, err := db.writers.lock(ctx)
		if err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		defer unlock()
		if err = try(); err != nil && !db.dialect.transient(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(shortDelays()), backoff.WithMaxTries(12))
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

// insertNew inserts a row unless its key exists. It reports whether it did.
func (tx *Tx) insertNew(into string, args ...any) (bool, error) {
	n, err := tx.exec(tx.d.insertIgnore+" INTO "+into+" VALUES "+placeholders(len(args)), args...)
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

// placeholders returns "(?,?,...)" for n values.
func placeholders(n int) string {
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
