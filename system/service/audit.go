package service

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"

	"squall/system/broker"
	"squall/system/store"
)

// serveAudit streams the final records, one JSON object a line, and a last
// line of kind "audit.end": without it the audit was cut short.
func (p *process) serveAudit(w http.ResponseWriter, req *http.Request, r role) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	// What cannot be sent is missed by the reader: an audit without its end
	// counts as unread.
	err := p.auditMail(req.Context(), r, func(rec store.Record) error { return enc.Encode(rec) })
	if err != nil {
		_ = enc.Encode(Line{Kind: "audit.failed", Detail: err.Error()})
		_ = out.Flush()
		return
	}
	err = p.db.View(req.Context(), func(tx *store.Tx) error {
		for _, audit := range r.audit {
			if err := audit(tx, func(rec store.Record) error { return enc.Encode(rec) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		_ = enc.Encode(Line{Kind: "audit.failed", Detail: err.Error()})
	} else {
		_ = enc.Encode(store.Record{Kind: "audit.end"})
	}
	_ = out.Flush()
}

// auditMail yields which types of messages the service is to handle, and, for
// all services together, which messages are parked.
func (p *process) auditMail(ctx context.Context, r role, yield func(store.Record) error) error {
	if p.broker == nil {
		return nil
	}
	for _, t := range r.consumes {
		if err := yield(store.Record{Kind: "audit.binding", Message: string(t)}); err != nil {
			return err
		}
	}
	if p.cfg.Service != "orders" {
		return nil
	}
	return p.broker.(broker.Inspector).ParkedMessages(ctx, func(id, queue string) error {
		return yield(store.Record{Kind: "audit.parked", Message: id, Key: queue})
	})
}
