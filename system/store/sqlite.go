package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

func init() { register("sqlite", openSQLite) }

func openSQLite(c Config) (*DB, error) {
	file := filepath.Join(c.Dir, c.Schema+".db")
	dsn := "file:" + file + "?_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate"
	write, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(4)
	return &DB{
		write: write, read: read,
		writers: &fileLock{path: file + ".lock"},
		dialect: dialect{
			name:         "sqlite",
			insertIgnore: "INSERT OR IGNORE",
			types:        map[string]string{"SERIAL": "INTEGER PRIMARY KEY AUTOINCREMENT", "WORD": "TEXT", "BODY": "BLOB", "ENGINE": ""},
			transient:    sqliteTransient,
		},
	}, nil
}

func sqliteTransient(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// fileLock makes the writers of one SQLite file take turns, across processes.
// A writer that SQLite itself keeps waiting polls, and may wait for seconds
// while others pass it. The kernel grants a lock on a file beside it in turn,
// and releases it when its holder dies.
type fileLock struct {
	path string
	mu   sync.Mutex // held as long as the file is locked
	file *os.File   // opened at the first use
}

func (l *fileLock) lock(ctx context.Context) (unlock func(), err error) {
	l.mu.Lock()
	defer func() {
		if err != nil {
			l.mu.Unlock()
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.file == nil {
		if l.file, err = os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
			return nil, fmt.Errorf("open the writers' lock: %w", err)
		}
	}
	if err := flock(l.file, unix.LOCK_EX); err != nil {
		return nil, fmt.Errorf("take the writers' lock: %w", err)
	}
	return func() {
		_ = flock(l.file, unix.LOCK_UN) // cannot fail on an open file
		l.mu.Unlock()
	}, nil
}

func (l *fileLock) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

func flock(f *os.File, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); err != unix.EINTR {
			return err
		}
	}
}
