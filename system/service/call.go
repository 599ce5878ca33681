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

// callError is a failed call to another service.
type callError struct {
	to     string // the path
	status int    // for the customer: 502 no answer, 503 an answer that is not 200, 504 no answer in time
	err    error
}

func (e *callError) Error() string { return fmt.Sprintf("call %s: %v", e.to, e.err) }
func (e *callError) Unwrap() error { return e.err }

// call posts a JSON body to one of the replicas, each in turn, and decodes the
// answer into out. It has a timeout and does not retry.
func (p *process) call(ctx context.Context, replicas []string, path, trace, key string, in, out any) error {
	if len(replicas) == 0 {
		return &callError{path, http.StatusBadGateway, errors.New("the address of no replica is set")}
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
	req.GetBody = nil // so that the transport does not send the request twice by itself
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
	// The body is read to its end: only then does the server notice that the
	// caller is gone.
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
