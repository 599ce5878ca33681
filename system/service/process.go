package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"squall/system/broker"
	"squall/system/order"
	"squall/system/store"
)

// role is what one service does, as data for the code that all services share.
type role struct {
	// start runs once, before the process is ready (it may be nil).
	start func(ctx context.Context) error
	// routes are served over HTTP, in either mode.
	routes map[string]http.HandlerFunc
	// consumes lists the event types that the service handles when Async.
	consumes []order.Type
	// prepare does what a message needs outside a transaction, which is work
	// that takes time and calls to others, and returns the effect. It runs
	// again when the message is delivered again.
	prepare func(ctx context.Context, e order.Event, trace string, attempt int) (effect, error)
	// lock locks what the messages of these orders will change (it may be nil).
	lock func(tx *store.Tx, orderIDs []string) error
	// audit yields the final records.
	audit []func(*store.Tx, func(store.Record) error) error
	// reportsParked says that the service reports the retry and parked queues,
	// which all services share, in its status and audit.
	reportsParked bool
}

// effect makes the changes of one message and enqueues the messages that they
// cause, in a transaction, and returns the events to write after the commit.
type effect func(tx *store.Tx) ([]Line, error)

// roles holds each service by its name.
var roles = map[string]func(*process) role{
	"orders": ordersRole, "inventory": inventoryRole, "payment": paymentRole,
	"shipping": shippingRole, "provider": providerRole,
}

// process is one replica of one service.
type process struct {
	cfg      Config
	role     role
	db       *store.DB
	broker   broker.Conn // nil unless the process sends messages
	journal  *journal
	slots    capacity
	client   *http.Client
	wake     chan struct{} // has room for one: there are new rows in the outbox
	unacked  atomic.Int64  // messages that arrived and are not settled
	inflight atomic.Int64  // requests that are being answered
	calls    atomic.Uint64 // made to other services; they choose the replica
	armed    armedFailpoint
	degraded degradation

	unsentMu sync.Mutex
	unsent   map[*store.Tx][]broker.Message // only with the bug that has no outbox
}

func newProcess(cfg Config, events io.Writer) (*process, error) {
	newRole := roles[cfg.Service]
	if newRole == nil {
		return nil, fmt.Errorf("start a process: saw the service %q; expected one of %s", cfg.Service, serviceNames())
	}
	p := &process{
		cfg: cfg, journal: &journal{to: events}, slots: make(capacity, cfg.Workers),
		client: newClient(), wake: make(chan struct{}, 1),
	}
	p.armed.kill = killSelf
	p.armed.arm(cfg.failpoint, cfg.failpointNth)
	p.role = newRole(p)
	return p, nil
}

// Run runs one replica: it becomes ready, then serves and consumes until ctx
// ends. It writes its events to events, one JSON object a line.
func Run(ctx context.Context, cfg Config, events io.Writer) error {
	p, err := newProcess(cfg, events)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if p.db, err = store.Open(ctx, cfg.Store); err != nil {
		return err
	}
	defer func() { _ = p.db.Close() }() // what was committed is on disk already
	if p.role.start != nil {
		if err := p.role.start(ctx); err != nil {
			return fmt.Errorf("start %s: %w", cfg.Process, err)
		}
	}
	if cfg.Mode == Async && len(p.role.consumes) > 0 {
		if p.broker, err = p.openBroker(ctx); err != nil {
			return err
		}
		defer func() { _ = p.broker.Close() }() // what was not settled is delivered again
	}
	return p.serve(ctx)
}

// serve answers requests, consumes and publishes until ctx ends or one of these
// fails.
func (p *process) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	listener, err := net.Listen("tcp", p.cfg.Listen)
	if err != nil {
		return fmt.Errorf("serve HTTP: %w; expected the address in SQUALL_LISTEN to be free", err)
	}
	server := &http.Server{Handler: p.mux(), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 3)
	go func() { failed <- server.Serve(listener) }()
	if p.broker != nil {
		go func() { failed <- p.consume(ctx) }()
		go func() { failed <- newRelay(p).run(ctx) }()
	}
	p.journal.emit(Line{Kind: "process.ready"})
	select {
	case <-ctx.Done():
		finishRequests(server)
	case err = <-failed:
	}
	cancel()
	_ = server.Close() // the listener is closed either way
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// finishTime is how long requests that are being answered may still take when
// the process is asked to end.
const finishTime = 2 * time.Second

// finishRequests takes no new requests and waits for those that are being
// answered.
func finishRequests(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	_ = server.Shutdown(ctx) // the caller cuts off the requests that take longer
}

func (p *process) openBroker(ctx context.Context) (broker.Conn, error) {
	c := p.cfg.Broker
	c.IgnoreUnroutable, c.StaleAcks = p.cfg.bugs[unbound], p.cfg.bugs[staleAcks]
	c.Notify = func(kind, role, detail string) {
		p.journal.emit(Line{Kind: kind, Detail: role + " " + detail})
	}
	return broker.Open(ctx, c, p.cfg.bugs.topology(Topology(p.cfg.DeliveryLimit)))
}

// Topology is the messaging layout of the pipeline: a queue for each service
// that consumes, bound to the types of events that it consumes. deliveryLimit is
// how often one message is delivered before it is parked.
func Topology(deliveryLimit int) broker.Topology {
	t := broker.Topology{DeliveryLimit: deliveryLimit, RetryDelays: retryDelays}
	for _, name := range []string{"orders", "inventory", "payment", "shipping"} {
		q := broker.Queue{Name: name}
		for _, typ := range roles[name](&process{}).consumes {
			q.Types = append(q.Types, string(typ))
		}
		t.Queues = append(t.Queues, q)
	}
	return t
}

// mux routes the service's requests and those of the process contract.
func (p *process) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, h := range p.role.routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
			p.inflight.Add(1)
			defer p.inflight.Add(-1)
			h(w, req)
		})
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n") // a caller that is gone reads nothing
	})
	mux.HandleFunc("GET /status", p.serveStatus)
	mux.HandleFunc("GET /audit", p.serveAudit)
	mux.HandleFunc("POST /crash-at", p.postCrashAt)
	mux.HandleFunc("POST /degrade", p.postDegrade)
	return mux
}

// answer sends a JSON body.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller that is gone reads nothing
}
