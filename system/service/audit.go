package service

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"squall/system/store"
)

// serveAudit streams the final records, one JSON object a line, and a last line
// of kind "audit.end". If a record cannot be read, the last line is of kind
// "audit.failed" and says why.
func (p *process) serveAudit(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	var last any = store.Record{Kind: "audit.end"}
	if err := p.audit(req.Context(), func(r store.Record) error { return enc.Encode(r) }); err != nil {
		last = Line{Kind: "audit.failed", Detail: err.Error()}
	}
	// A reader that these do not reach sees an audit without its last line.
	_ = enc.Encode(last)
	_ = out.Flush()
}

// audit yields all records of the service.
func (p *process) audit(ctx context.Context, yield func(store.Record) error) error {
	if err := p.auditMessaging(ctx, yield); err != nil {
		return err
	}
	return p.db.View(ctx, func(tx *store.Tx) error {
		for _, audit := range p.role.audit {
			if err := audit(tx, yield); err != nil {
				return fmt.Errorf("read the records of %s: %w", p.cfg.Service, err)
			}
		}
		return nil
	})
}

// auditMessaging yields which types of messages the service is to handle, and
// which messages of any service are parked.
func (p *process) auditMessaging(ctx context.Context, yield func(store.Record) error) error {
	if p.broker == nil {
		return nil
	}
	for _, t := range p.role.consumes {
		if err := yield(store.Record{Kind: "audit.binding", Message: string(t)}); err != nil {
			return err
		}
	}
	if !p.role.reportsParked {
		return nil
	}
	return p.broker.ParkedMessages(ctx, func(id, queue string) error {
		return yield(store.Record{Kind: "audit.parked", Message: id, Key: queue})
	})
}
