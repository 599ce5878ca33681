package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     30 * time.Second,
	}}
}

// callError is a failed call to another service, with the status that tells
// the caller's caller about it.
type callError struct {
	to     string
	status int // 502 no answer, 503 it answered that it cannot, 504 no answer in time
	err    error
}

func (e *callError) Error() string { return fmt.Sprintf("call %s: %v", e.to, e.err) }
func (e *callError) Unwrap() error { return e.err }

// call posts a JSON body to one replica, taken in turn, and decodes the answer
// into out. It has a plain timeout and nothing more: no retry.
func (p *process) call(ctx context.Context, replicas []string, path, trace, key string, in, out any) error {
	if len(replicas) == 0 {
		return &callError{path, http.StatusBadGateway, errors.New("no address is known for it")}
	}
	to := replicas[p.calls.Add(1)%uint64(len(replicas))]
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+to+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	// A request that may not be repeated: no Idempotency-Key header unless the
	// caller has one, and the transport must not replay it by itself.
	req.GetBody = nil
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(traceHeader, span(trace))
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		status := http.StatusBadGateway
		if errors.Is(err, context.DeadlineExceeded) {
			status = http.StatusGatewayTimeout
		}
		return &callError{path, status, err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return &callError{path, http.StatusBadGateway, err}
	}
	if resp.StatusCode != http.StatusOK {
		return &callError{path, http.StatusServiceUnavailable, fmt.Errorf("it answered %d: %s", resp.StatusCode, bytes.TrimSpace(answer))}
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &callError{path, http.StatusBadGateway, err}
	}
	return nil
}

// read decodes a request's JSON body; on failure it has answered 400.
func read(w http.ResponseWriter, req *http.Request, into any) bool {
	// To its end: only then does the server notice when the caller goes away.
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		http.Error(w, "body: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}
