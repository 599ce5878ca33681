package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

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
		f.Close()
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

// auditService copies one service's records from the first replica that
// answers, and requires their last line.
func (t *trial) auditService(ctx context.Context, service string, out *bufio.Writer) error {
	failure := fmt.Errorf("no replica of %s is there to ask", service)
	for _, c := range t.Children {
		if c.Service() != service || !c.Alive() {
			continue
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Addr()+"/audit", nil)
		if err != nil {
			return err
		}
		resp, err := direct.Do(req)
		if err != nil {
			failure = fmt.Errorf("audit of %s: %w", c.Name(), err)
			continue
		}
		defer resp.Body.Close()
		ended := false
		whole, err := record.ReadEvents(resp.Body, func(e sim.Event) error {
			if e.Kind == sim.AuditFailed {
				return errors.New(e.Detail)
			}
			ended = ended || e.Kind == sim.AuditEnd
			if t.audited.Add(1)%auditTold == 0 {
				t.tell("")
			}
			e.Src = service
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			out.Write(line)
			return out.WriteByte('\n')
		})
		if err == nil && (!whole || !ended) {
			err = errors.New("the records break off")
		}
		if err != nil {
			return fmt.Errorf("audit of %s: %w", c.Name(), err)
		}
		return nil
	}
	return failure
}
