package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"squall/sim"
	"squall/sim/record"

	"github.com/klauspost/compress/zstd"
)

// auditTold is after how many records of the audit its progress is told.
const auditTold = 5000

// audit reads every service's final records over direct addresses.
func (t *trial) audit(ctx context.Context) (err error) {
	f, err := os.OpenFile(t.dir.Audit(t.progress.Trial.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		_ = f.Close() // nothing was written
		return fmt.Errorf("audit: %w", err)
	}
	out := bufio.NewWriterSize(z, 1<<16)
	defer func() { err = errors.Join(err, out.Flush(), z.Close(), f.Close()) }()
	for _, p := range t.System.Processes {
		if err := t.auditService(ctx, p.Service, out); err != nil {
			t.write(sim.Event{Kind: sim.AuditFailed, Detail: err.Error()})
			return ctx.Err()
		}
	}
	t.write(sim.Event{Kind: sim.AuditDone})
	return nil
}

// auditService copies one service's records from the first replica that gives
// any. The others are only asked where it gave none, since records that come
// twice would be judged as effects that happened twice.
func (t *trial) auditService(ctx context.Context, service string, out io.Writer) error {
	var failures []string
	for _, c := range t.Children {
		if c.Service() != service || !c.Alive() {
			continue
		}
		taken := 0
		err := readAudit(ctx, c.Addr(), func(e sim.Event) error {
			taken++
			if t.audited.Add(1)%auditTold == 0 {
				t.tell("")
			}
			e.Src = service
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			_, err = out.Write(append(line, '\n'))
			return err
		})
		if err == nil {
			return nil
		}
		failures = append(failures, fmt.Sprintf("audit of %s: %v", c.Name(), err))
		if taken > 0 || ctx.Err() != nil {
			break
		}
	}
	if len(failures) == 0 {
		return fmt.Errorf("audit of %s: no replica runs that could be asked", service)
	}
	return errors.New(strings.Join(failures, "; "))
}

// readAudit calls take for each final record of a process. An answer with another
// status than 200, and one without its last record, is an error.
func readAudit(ctx context.Context, addr string, take func(sim.Event) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/audit", nil)
	if err != nil {
		return err
	}
	resp, err := direct.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	if resp.StatusCode != http.StatusOK {
		// The error has the first 200 characters of the body, of four bytes at most each.
		body, err := io.ReadAll(io.LimitReader(resp.Body, 4*200))
		if err != nil {
			return fmt.Errorf("GET /audit answered %d, expected 200; the body could not be read: %w", resp.StatusCode, err)
		}
		return fmt.Errorf("GET /audit answered %d, expected 200: %.200q", resp.StatusCode, body)
	}
	records, ended := 0, false
	cut, err := record.ReadEvents(resp.Body, func(e sim.Event) error {
		if e.Kind == sim.AuditFailed {
			return errors.New(e.Detail)
		}
		records++
		ended = ended || e.Kind == sim.AuditEnd
		return take(e)
	})
	switch {
	case err != nil:
		return err
	case cut != nil:
		return fmt.Errorf("the records break off after %d: %w", records, cut)
	case !ended:
		return fmt.Errorf("the records break off after %d; expected a last one of kind %s", records, sim.AuditEnd)
	}
	return nil
}
