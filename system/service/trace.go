package service

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
)

// traceHeader carries the W3C trace context, over HTTP and in messages.
const traceHeader = "traceparent"

var traceForm = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// span returns the trace context for a call made on behalf of parent: the same
// trace, a new span. A parent that is no trace context starts a new trace.
func span(parent string) string {
	var id [24]byte
	_, _ = rand.Read(id[:]) // crypto/rand never returns an error
	if !traceForm.MatchString(parent) {
		return "00-" + hex.EncodeToString(id[:16]) + "-" + hex.EncodeToString(id[16:]) + "-01"
	}
	return parent[:36] + hex.EncodeToString(id[16:]) + parent[52:]
}

// traceOf returns the trace context of a request, "" for none.
func traceOf(r *http.Request) string { return r.Header.Get(traceHeader) }
