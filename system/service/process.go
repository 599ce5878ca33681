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

// role is what one service does, as data for the code that all share.
type role struct {
	// routes are served over HTTP, in either mode.
	routes map[string]http.HandlerFunc
	// consumes lists the event types that the service handles when Async.
	consumes []order.Type
	// prepare does what must happen outside the transaction: work that takes
	// time, calls to others. It may run again after a crash.
	prepare func(ctx context.Context, e order.Event, trace string, attempt int) (any, error)
	// lock takes hold of what a batch of orders will change (it may be nil).
	lock func(tx *store.Tx, orderIDs []string) error
	// apply makes the effect and the messages it causes, in one transaction,
	// and returns what to tell the harness after the commit.
	apply func(tx *store.Tx, e order.Event, trace string, prepared any) ([]Line, error)
	// audit yields the final records.
	audit []func(*store.Tx, func(store.Record) error) error
}

// roles finds a service by its name.
var roles = map[string]func(*process) role{
	"orders": ordersRole, "inventory": inventoryRole, "payment": paymentRole,
	"shipping": shippingRole, "provider": providerRole,
}

// process is one replica of one service.
type process struct {
	cfg      Config
	db       *store.DB
	broker   broker.Broker // nil in Sync
	journal  *journal
	slots    capacity
	client   *http.Client
	wake     chan struct{} // has room for one: the outbox has news
	unacked  atomic.Int64
	inflight atomic.Int64
	calls    atomic.Uint64
	crash    crash
	tune     tune

	heldMu sync.Mutex
	held   map[*store.Tx][]broker.Message // only with the bug that has no outbox
}

// Run is one replica's life: it becomes ready, serves and consumes until ctx
// ends. Events are written to events, one JSON object a line.
func Run(ctx context.Context, cfg Config, events io.Writer) error {
	newRole := roles[cfg.Service]
	if newRole == nil {
		return fmt.Errorf("unknown service %q", cfg.Service)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &process{
		cfg: cfg, journal: &journal{to: events}, slots: make(capacity, cfg.Workers),
		client: newClient(), wake: make(chan struct{}, 1),
	}
	p.crash.point, p.crash.left = cfg.crashPoint, cfg.crashAt
	r := newRole(p)
	var err error
	if p.db, err = store.Open(ctx, cfg.Store); err != nil {
		return err
	}
	defer func() { _ = p.db.Close() }() // what was committed is on disk already
	if cfg.Service == "inventory" {
		err := p.db.Update(ctx, func(tx *store.Tx) error { return tx.SeedStock(cfg.SKUs, cfg.Stock) })
		if err != nil {
			return err
		}
	}
	messaging := cfg.Mode == Async && len(r.consumes) > 0
	if messaging {
		if p.broker, err = p.openBroker(ctx); err != nil {
			return err
		}
		defer func() { _ = p.broker.Close() }()
	}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	server := &http.Server{Handler: p.mux(r), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 3)
	go func() { failed <- server.Serve(listener) }()
	if messaging {
		go func() { failed <- p.consume(ctx, r) }()
		go func() { failed <- p.relay(ctx) }()
	}
	p.journal.emit(Line{Kind: "process.ready"})
	select {
	case <-ctx.Done():
		err = nil
		p.finishRequests(server)
	case err = <-failed:
	}
	cancel()
	_ = server.Close()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// finishTime is how long requests that are being answered may still take when
// the process is asked to end.
const finishTime = 2 * time.Second

// finishRequests takes no new ones and waits for those in hand.
func (p *process) finishRequests(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	_ = server.Shutdown(ctx) // those that take longer are cut off by the caller
}

func (p *process) openBroker(ctx context.Context) (broker.Broker, error) {
	c := p.cfg.Broker
	c.Careless, c.StaleAcks = p.cfg.bugs[unbound], p.cfg.bugs[staleAcks]
	c.Notify = func(kind, role, detail string) {
		p.journal.emit(Line{Kind: kind, Detail: role + " " + detail})
	}
	return broker.Open(ctx, c, p.cfg.bugs.topology(Topology(p.cfg.DeliveryLimit)))
}

// Topology is the messaging layout of the pipeline: a queue per service, bound
// to the events it consumes.
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

func (p *process) mux(r role) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range r.routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
			p.inflight.Add(1)
			defer p.inflight.Add(-1)
			h(w, req)
		})
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /status", p.serveStatus)
	mux.HandleFunc("POST /crash-at", p.postCrashAt)
	mux.HandleFunc("POST /tune", p.postTune)
	mux.HandleFunc("GET /audit", func(w http.ResponseWriter, req *http.Request) { p.serveAudit(w, req, r) })
	return mux
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone reads nothing
}
