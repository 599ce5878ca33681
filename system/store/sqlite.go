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
		gate: &fileGate{path: file + ".lock"},
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

// fileGate queues the writers of one SQLite file, across processes. SQLite's
// own waiting polls, and an unlucky writer starves for seconds; a lock on a
// file beside it is granted in turn and dies with its holder.
type fileGate struct {
	path string
	mu   sync.Mutex
	file *os.File
}

func (g *fileGate) enter(ctx context.Context) (func(), error) {
	g.mu.Lock()
	if err := ctx.Err(); err != nil {
		g.mu.Unlock()
		return nil, err
	}
	if g.file == nil {
		f, err := os.OpenFile(g.path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			g.mu.Unlock()
			return nil, fmt.Errorf("open the writers' lock: %w", err)
		}
		g.file = f
	}
	if err := flock(g.file, unix.LOCK_EX); err != nil {
		g.mu.Unlock()
		return nil, fmt.Errorf("take the writers' lock: %w", err)
	}
	return func() {
		_ = flock(g.file, unix.LOCK_UN) // cannot fail on an open file
		g.mu.Unlock()
	}, nil
}

func flock(f *os.File, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); err != unix.EINTR {
			return err
		}
	}
}
