package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"squall/sim"
	"squall/sim/clock"
)

// orderBody is a request's body: the ingress contract.
type orderBody struct {
	ID     string `json:"id"`
	SKU    int32  `json:"sku"`
	Qty    int32  `json:"qty"`
	Amount int32  `json:"amount"`
}

// Run sends the schedule and writes one client.response event per request. It
// returns when all are answered or timed out, or soon after ctx ends.
func Run(ctx context.Context, a sim.Attack) (sim.LoadFidelity, error) {
	if len(a.Targets) == 0 {
		return sim.LoadFidelity{}, fmt.Errorf("attack: the system has no ingress")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	transport := newTransport()
	defer transport.CloseIdleConnections()
	requests := &scheduled{ctx: ctx, attack: a, next: transport}
	client := &http.Client{Timeout: a.Timeout, Transport: requests}

	// Vegeta's timestamps are wall time with a monotonic reading; this pair of
	// readings translates them to the clock of the run.
	base, baseAt := time.Now(), clock.Now()
	attacker := vegeta.NewAttacker(vegeta.Client(client), vegeta.Workers(16))
	context.AfterFunc(ctx, func() { attacker.Stop() })
	target := vegeta.Target{Method: http.MethodPost, URL: "http://" + a.Targets[0] + "/orders"}
	targeter := func(t *vegeta.Target) error { *t = target; return nil }

	lateness := make([]time.Duration, 0, len(a.Schedule.At))
	// The channel has no buffer: a loop that took results slowly would hold the
	// load back.
	for r := range attacker.Attack(targeter, pacer{a.Start, a.Schedule.At, ctx.Done()}, 0, "") {
		sent := baseAt + int64(r.Timestamp.Sub(base))
		intended := a.Start + int64(a.Schedule.At[r.Seq])
		lateness = append(lateness, time.Duration(sent-intended))
		failed := requests.failures.take(int(r.Seq))
		outcome := outcomeOf(int(r.Code), failed)
		count(a.Counted, outcome)
		a.Write(sim.Event{
			At: sent + int64(r.Latency), Src: "client", Kind: sim.ClientResponse,
			Order: sim.OrderID(int(r.Seq)), Seq: int(r.Seq), Intended: intended, Sent: sent,
			Status: int(r.Code), Outcome: outcome, Detail: detailOf(int(r.Code), failed, r.Error),
		})
	}
	return fidelity(len(a.Schedule.At), lateness), nil
}

func count(c *sim.Counters, outcome sim.Outcome) {
	c.Offered.Add(1)
	if outcome == sim.OutcomeOK {
		c.Accepted.Add(1)
	} else {
		c.Failed.Add(1)
	}
}

// fidelity says how well the schedule was kept.
func fidelity(planned int, lateness []time.Duration) sim.LoadFidelity {
	slices.Sort(lateness)
	f := sim.LoadFidelity{Planned: planned, Sent: len(lateness), Unsent: planned - len(lateness)}
	if len(lateness) == 0 {
		return f
	}
	at := func(q float64) float64 { return lateness[int(q*float64(len(lateness)-1))].Seconds() * 1e3 }
	f.LateP50MS, f.LateP99MS, f.LateMaxMS = at(0.5), at(0.99), at(1)
	for _, l := range lateness {
		if l > sim.LateAfter {
			f.Late++
		}
	}
	return f
}

// scheduled turns the request that vegeta makes into the one that the schedule
// has at its number: its order, its trace, its replica of the ingress. Vegeta
// hands on an error as text only; failures has it with its type.
type scheduled struct {
	ctx      context.Context
	attack   sim.Attack
	next     http.RoundTripper
	failures failures
}

func (s *scheduled) RoundTrip(req *http.Request) (*http.Response, error) {
	seq, err := strconv.Atoi(req.Header.Get("X-Vegeta-Seq"))
	if err != nil {
		return nil, fmt.Errorf("request without a number: %w", err)
	}
	// The request ends with its own timeout and with the trial.
	ctx, cancel := context.WithCancelCause(req.Context())
	stop := context.AfterFunc(s.ctx, func() { cancel(s.ctx.Err()) })
	end := func() { stop(); cancel(nil) }
	a := &attempt{}
	out, err := s.request(a.traced(ctx), seq)
	if err != nil {
		end()
		return nil, err
	}
	resp, err := s.next.RoundTrip(out)
	if err != nil {
		end()
		s.failures.put(seq, a.failed(err))
		return nil, err
	}
	resp.Body = &answerBody{resp.Body, func(err error) { s.failures.put(seq, a.failed(err)) }, end}
	return resp, nil
}

// request makes the request that the schedule has at a number.
func (s *scheduled) request(ctx context.Context, seq int) (*http.Request, error) {
	o := s.attack.Schedule.Orders[seq]
	body, err := json.Marshal(orderBody{sim.OrderID(seq), o.SKU, o.Qty, o.Amount})
	if err != nil {
		return nil, err
	}
	url := "http://" + s.attack.Targets[seq%len(s.attack.Targets)] + "/orders"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("traceparent", sim.Trace(s.attack.Seed, seq))
	return req, nil
}
