package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"squall/sim"

	"github.com/klauspost/compress/zstd"
)

// flushEvery is how much of a history a crash of the harness can lose at most.
const flushEvery = time.Second

// History is the append-only record of one trial: JSON lines under zstd. It
// may be written to from any goroutine.
type History struct {
	mu      sync.Mutex
	file    *os.File
	zip     *zstd.Encoder
	buf     *bufio.Writer
	flushed time.Time
	err     error
	closed  bool
}

// CreateHistory starts a history file; one that is there already is an error.
func CreateHistory(path string) (*History, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create history: %w", err)
	}
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("create history: %w", err)
	}
	return &History{file: f, zip: z, buf: bufio.NewWriterSize(z, 1<<16), flushed: time.Now()}, nil
}

// Write appends one event. The first failure to write is kept and returned from
// then on; later events are dropped, so that what is there stays readable.
func (h *History) Write(e sim.Event) error {
	line, err := json.Marshal(e)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil || h.closed {
		return h.err
	}
	if err != nil { // a value that JSON lacks, such as NaN
		h.err = fmt.Errorf("write history: event %s: %w", e.Kind, err)
		return h.err
	}
	_, _ = h.buf.Write(line) // its error comes again with the next byte
	h.err = h.buf.WriteByte('\n')
	if h.err == nil && time.Since(h.flushed) > flushEvery {
		h.flushed = time.Now()
		if h.err = h.buf.Flush(); h.err == nil {
			h.err = h.zip.Flush()
		}
	}
	return h.err
}

// Err returns the first failure to write, if any.
func (h *History) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Close completes the file. Closing again does nothing.
func (h *History) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return h.err
	}
	h.closed = true
	h.err = errors.Join(h.err, h.buf.Flush(), h.zip.Close(), h.file.Close())
	return h.err
}

// ReadHistory calls f for each event of a history or audit file, in order. A
// file that breaks off is read up to its last whole line; whole is false then.
func ReadHistory(path string, f func(sim.Event) error) (whole bool, err error) {
	cut, err := readFile(path, f)
	if err != nil {
		return false, fmt.Errorf("read history %s: %w", path, err)
	}
	return cut == nil, nil
}

// readFile reads a history or audit file like ReadEvents. Its errors do not name
// the file.
func readFile(path string, f func(sim.Event) error) (cut, err error) {
	file, err := os.Open(path)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	z, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	return ReadEvents(z, f)
}

// ReadEvents calls f for each line of a stream of events, and returns the first
// error of f, or of a line that is no event. cut is nil when the stream came to its
// end after a whole line, else what ended it.
func ReadEvents(from io.Reader, f func(sim.Event) error) (cut, err error) {
	r := bufio.NewReaderSize(from, 1<<16)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil, nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("line %d has no end: %w", n, io.ErrUnexpectedEOF), nil
		case err != nil:
			return fmt.Errorf("line %d: %w", n, err), nil
		}
		var e sim.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("line %d: %w: %.200q", n, err, line)
		}
		if err := f(e); err != nil {
			return nil, err
		}
	}
}
