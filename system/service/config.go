package service

import (
	"errors"
	"fmt"
	"strconv"
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

// Config is all that a process is told. docs/process-contract.md lists the
// environment variables it comes from.
type Config struct {
	Service string // orders, inventory, payment, shipping or provider
	Process string // the replica's name, such as "orders-1"
	Listen  string // host:port to serve HTTP on
	Mode    string // Sync or Async

	Store  store.Config
	Broker broker.Config

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

// FromEnv reads the settings of a process. It reports everything that is wrong
// at once.
func FromEnv(getenv func(string) string) (Config, error) {
	r := envReader{getenv: getenv}
	c := Config{
		Service: r.text("SQUALL_SERVICE"),
		Process: r.text("SQUALL_PROCESS"),
		Listen:  r.text("SQUALL_LISTEN"),
		Mode:    r.text("SQUALL_MODE"),
		Store: store.Config{
			Kind: r.text("SQUALL_STORE"), Dir: getenv("SQUALL_STORE_DIR"), Addr: getenv("SQUALL_STORE_ADDR"),
			User: getenv("SQUALL_STORE_USER"), Password: getenv("SQUALL_STORE_PASSWORD"), Prefix: getenv("SQUALL_STORE_PREFIX"),
		},
		Broker: broker.Config{
			Kind: getenv("SQUALL_BROKER"), Addr: getenv("SQUALL_BROKER_ADDR"), User: getenv("SQUALL_BROKER_USER"),
			Password: getenv("SQUALL_BROKER_PASSWORD"), VHost: getenv("SQUALL_BROKER_VHOST"),
		},
		Inventory: list(getenv("SQUALL_INVENTORY_ADDR")),
		Payment:   list(getenv("SQUALL_PAYMENT_ADDR")),
		Shipping:  list(getenv("SQUALL_SHIPPING_ADDR")),
		Provider:  list(getenv("SQUALL_PROVIDER_ADDR")),
		Seed:      uint64(r.number("SQUALL_SEED", 1)),
		SKUs:      int(r.number("SQUALL_SKUS", 100)),
		Stock:     r.number("SQUALL_STOCK", 1_000_000),
		Work:      Work{Median: r.duration("SQUALL_WORK_MEDIAN", 0), P99: r.duration("SQUALL_WORK_P99", 0)},
		Declines:  r.share("SQUALL_DECLINES"),
		Errors:    r.share("SQUALL_ERRORS"),
		Workers:   int(r.number("SQUALL_WORKERS", 8)),
		Prefetch:  int(r.number("SQUALL_PREFETCH", 64)),
		Timeout:   r.duration("SQUALL_CALL_TIMEOUT", 2*time.Second),
		Transit:   r.duration("SQUALL_TRANSIT", 0),

		DeliveryLimit: int(r.number("SQUALL_DELIVERY_LIMIT", deliveryLimit)),
	}
	var err error
	if c.bugs, err = parseBugs(getenv("SQUALL_BUGS")); err != nil {
		r.errs = append(r.errs, err)
	}
	if c.failpoint, c.failpointNth, err = parseFailpoint(getenv("SQUALL_CRASH_AT")); err != nil {
		r.errs = append(r.errs, fmt.Errorf("SQUALL_CRASH_AT: %w", err))
	}
	c.Store.Schema, c.Broker.Client = c.Service, c.Process
	return c, errors.Join(r.errs...)
}

type envReader struct {
	getenv func(string) string
	errs   []error
}

func (r *envReader) text(key string) string {
	v := r.getenv(key)
	if v == "" {
		r.errs = append(r.errs, fmt.Errorf("%s is not set", key))
	}
	return v
}

func (r *envReader) number(key string, missing int64) int64 {
	v := r.getenv(key)
	if v == "" {
		return missing
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		r.errs = append(r.errs, fmt.Errorf("%s: saw %q, expected a whole number", key, v))
	}
	return n
}

func (r *envReader) duration(key string, missing time.Duration) time.Duration {
	v := r.getenv(key)
	if v == "" {
		return missing
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		r.errs = append(r.errs, fmt.Errorf("%s: saw %q, expected a duration such as 20ms", key, v))
	}
	return d
}

func (r *envReader) share(key string) float64 {
	v := r.getenv(key)
	if v == "" {
		return 0
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		r.errs = append(r.errs, fmt.Errorf("%s: saw %q, expected a share from 0 to 1", key, v))
	}
	return f
}

func list(v string) []string {
	if v == "" {
		return nil
	}
	return strings.Split(v, ",")
}
