package service

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"squall/system/broker"
	"squall/system/store"
)

// Modes: how the services reach each other.
const (
	Sync  = "sync"  // by HTTP calls, inside the customer's request
	Async = "async" // by messages
)

// Config is the settings of a process. docs/process-contract.md lists the
// environment variables that FromEnv reads them from.
type Config struct {
	Service string // a key of roles
	Process string // the replica's name, such as "orders-1"
	Listen  string // host:port to serve HTTP on
	Mode    string // Sync or Async

	Store  store.Config
	Broker broker.Config // only in Async, and not for the provider

	Inventory, Payment, Shipping, Provider []string // host:port of each replica

	Seed     uint64
	SKUs     int
	Stock    int64 // first stock of each SKU
	Work     Work
	Declines float64       // share of charges that the provider declines
	Errors   float64       // share of calls that the provider fails
	Workers  int           // orders worked on at once
	Prefetch int           // unsettled messages at once
	Timeout  time.Duration // of one call to another service
	Transit  time.Duration // from shipping to delivery

	DeliveryLimit int // deliveries of one message before it is set aside
	bugs          bugs
	failpoint     string // armed from the start; "" for none
	failpointNth  int    // the hit at which the process is to die
}

// FromEnv reads the settings of a process from environment variables. Its error
// has a line for each variable that is wrong.
func FromEnv(getenv func(string) string) (Config, error) {
	r := settingsReader{get: getenv}
	c := Config{
		Service: r.oneOf("SQUALL_SERVICE", slices.Sorted(maps.Keys(roles))...),
		Process: r.required("SQUALL_PROCESS", "the replica's name, such as orders-1"),
		Listen:  r.addr("SQUALL_LISTEN"),
		Mode:    r.oneOf("SQUALL_MODE", Sync, Async),
		Store: store.Config{
			Kind: r.oneOf("SQUALL_STORE", store.Kinds()...), Dir: getenv("SQUALL_STORE_DIR"), Addr: getenv("SQUALL_STORE_ADDR"),
			User: getenv("SQUALL_STORE_USER"), Password: getenv("SQUALL_STORE_PASSWORD"), Prefix: getenv("SQUALL_STORE_PREFIX"),
		},
		Broker: broker.Config{
			Kind: getenv("SQUALL_BROKER"), Addr: getenv("SQUALL_BROKER_ADDR"), User: getenv("SQUALL_BROKER_USER"),
			Password: getenv("SQUALL_BROKER_PASSWORD"), VHost: getenv("SQUALL_BROKER_VHOST"),
		},
		Inventory: r.addrs("SQUALL_INVENTORY_ADDR"),
		Payment:   r.addrs("SQUALL_PAYMENT_ADDR"),
		Shipping:  r.addrs("SQUALL_SHIPPING_ADDR"),
		Provider:  r.addrs("SQUALL_PROVIDER_ADDR"),
		Seed:      r.seed("SQUALL_SEED", 1),
		SKUs:      int(r.number("SQUALL_SKUS", 1, 100)),
		Stock:     r.number("SQUALL_STOCK", 0, 1_000_000),
		Work:      Work{Median: r.duration("SQUALL_WORK_MEDIAN", 0), P99: r.duration("SQUALL_WORK_P99", 0)},
		Declines:  r.share("SQUALL_DECLINES"),
		Errors:    r.share("SQUALL_ERRORS"),
		Workers:   int(r.number("SQUALL_WORKERS", 1, 8)),
		Prefetch:  int(r.number("SQUALL_PREFETCH", 1, 64)),
		Timeout:   r.timeout("SQUALL_CALL_TIMEOUT", 2*time.Second),
		Transit:   r.duration("SQUALL_TRANSIT", 0),

		DeliveryLimit: int(r.number("SQUALL_DELIVERY_LIMIT", 1, deliveryLimit)),
	}
	r.needs(c)
	var err error
	c.bugs, err = parseBugs(getenv("SQUALL_BUGS"))
	r.check("SQUALL_BUGS", err)
	c.failpoint, c.failpointNth, err = parseFailpoint(getenv("SQUALL_CRASH_AT"))
	r.check("SQUALL_CRASH_AT", err)
	c.Store.Schema, c.Broker.Client = c.Service, c.Process
	return c, errors.Join(r.errs...)
}

// needs complains about what is not set although other settings make it
// necessary: where the store and the broker are, and which services to call.
func (r *settingsReader) needs(c Config) {
	switch c.Store.Kind {
	case "sqlite":
		r.required("SQUALL_STORE_DIR", "the folder of the database files, since SQUALL_STORE is sqlite")
	case "mysql":
		r.addr("SQUALL_STORE_ADDR")
	}
	var called []string
	switch {
	case c.Service == "payment":
		called = []string{"SQUALL_PROVIDER_ADDR"}
	case c.Service == "orders" && c.Mode == Sync:
		called = []string{"SQUALL_INVENTORY_ADDR", "SQUALL_PAYMENT_ADDR", "SQUALL_SHIPPING_ADDR"}
	}
	for _, name := range called {
		r.required(name, "host:port of each replica, divided by commas, since "+c.Service+" calls that service")
	}
	if c.Mode == Async && c.Service != "provider" {
		r.oneOf("SQUALL_BROKER", broker.Kinds()...)
		r.required("SQUALL_BROKER_ADDR", "host:port of each node, divided by commas, since SQUALL_MODE is async")
		r.addrs("SQUALL_BROKER_ADDR")
	}
}

// list divides a setting at its commas.
func list(v string) []string {
	if v == "" {
		return nil
	}
	return strings.Split(v, ",")
}

func serviceNames() string { return strings.Join(slices.Sorted(maps.Keys(roles)), ", ") }
