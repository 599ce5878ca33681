package load

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

const (
	// probesAtOnce bounds the orders that are read at one time.
	probesAtOnce = 512
	// After slowAfter an order is read only every slowEvery: its lag is long, so
	// the coarser interval is still a small part of it.
	slowAfter = 2 * time.Second
	slowEvery = 250 * time.Millisecond
	// readsAfter is how often an order is read again once it has shown a
	// terminal state: a later read must not take that back.
	readsAfter = 3
	readTime   = 2 * time.Second
)

// Probe reads each order that comes over p.Answered until it has shown a
// terminal state several times, or ctx ends.
func Probe(ctx context.Context, p sim.ProbePlan) {
	transport := newTransport()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: readTime}
	places := make(chan struct{}, probesAtOnce)
	var readers sync.WaitGroup
	defer readers.Wait()
	for {
		select {
		case order := <-p.Answered:
			select {
			case places <- struct{}{}:
				readers.Go(func() { defer func() { <-places }(); follow(ctx, client, p, order) })
			default: // enough are being read
			}
		case <-ctx.Done():
			return
		}
	}
}

// detail puts an error of a read into the words of its kind.
func detail(err error) string {
	return detailOf(0, &RequestError{Kind: kindOf(err), Err: err}, err.Error())
}

// follow reads one order again and again, from one replica after another.
func follow(ctx context.Context, client *http.Client, p sim.ProbePlan, order string) {
	began := clock.Now()
	due := began
	seen := 0
	for n := 0; seen <= readsAfter; n++ {
		e := read(ctx, client, p.Targets[n%len(p.Targets)], order)
		if ctx.Err() != nil {
			return
		}
		p.Write(e)
		if sim.State(e.To).Terminal() {
			seen++
		}
		every := p.Every
		if due-began > int64(slowAfter) {
			every = max(every, slowEvery)
		}
		due = max(due+int64(every), clock.Now())
		if clock.SleepUntil(ctx, due) != nil {
			return
		}
	}
}

// read asks once.
func read(ctx context.Context, client *http.Client, target, order string) sim.Event {
	e := sim.Event{Src: "client", Kind: sim.ClientRead, Order: order, Sent: clock.Now(), Outcome: sim.OutcomeInfo}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+target+"/orders/"+order, nil)
	if err != nil {
		e.Detail = err.Error()
		return e
	}
	resp, err := client.Do(req)
	if err != nil {
		e.At, e.Detail = clock.Now(), detail(err)
		return e
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	e.At, e.Status = clock.Now(), resp.StatusCode
	var view struct {
		State string `json:"state"`
	}
	switch {
	case err != nil:
		e.Detail = detail(err)
	case resp.StatusCode == http.StatusNotFound:
		e.Outcome = sim.OutcomeOK // an answer: it is not there
	case resp.StatusCode == http.StatusOK && json.Unmarshal(body, &view) == nil:
		e.Outcome, e.To = sim.OutcomeOK, view.State
	}
	return e
}
