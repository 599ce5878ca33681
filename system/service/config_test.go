package service

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"squall/system/broker"
	"squall/system/store"
)

// environment is a complete set of settings: of orders in the asynchronous mode,
// with every variable that the process contract lists.
func environment() map[string]string {
	return map[string]string{
		"SQUALL_SERVICE": "orders", "SQUALL_PROCESS": "orders-2", "SQUALL_MODE": "async", "SQUALL_LISTEN": "127.0.0.1:8001",
		"SQUALL_STORE": "mysql", "SQUALL_STORE_ADDR": "127.0.0.1:3306", "SQUALL_STORE_USER": "root",
		"SQUALL_STORE_PASSWORD": "secret-1", "SQUALL_STORE_PREFIX": "t1_", "SQUALL_STORE_DIR": "data",
		"SQUALL_BROKER": "rabbitmq", "SQUALL_BROKER_ADDR": "127.0.0.1:5672,127.0.0.1:5673", "SQUALL_BROKER_USER": "squall",
		"SQUALL_BROKER_PASSWORD": "secret-2", "SQUALL_BROKER_VHOST": "t1",
		"SQUALL_INVENTORY_ADDR": "127.0.0.1:1,127.0.0.1:2", "SQUALL_PAYMENT_ADDR": "127.0.0.1:3",
		"SQUALL_SHIPPING_ADDR": "127.0.0.1:4", "SQUALL_PROVIDER_ADDR": "localhost:5",
		"SQUALL_SEED": "18446744073709551615", "SQUALL_SKUS": "7", "SQUALL_STOCK": "0",
		"SQUALL_WORK_MEDIAN": "20ms", "SQUALL_WORK_P99": "90ms", "SQUALL_WORKERS": "3", "SQUALL_PREFETCH": "5",
		"SQUALL_CALL_TIMEOUT": "1500ms", "SQUALL_TRANSIT": "2s", "SQUALL_DECLINES": "0.25", "SQUALL_ERRORS": "1",
		"SQUALL_DELIVERY_LIMIT": "4", "SQUALL_BUGS": "no-inbox,no-outbox", "SQUALL_CRASH_AT": "after-commit:3",
	}
}

// without returns the settings with some changed; "" is one that is not set.
func without(env map[string]string, changes map[string]string) func(string) string {
	maps.Copy(env, changes)
	return func(name string) string { return env[name] }
}

func TestConfigIsRead(t *testing.T) {
	got, err := FromEnv(without(environment(), nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Service: "orders", Process: "orders-2", Mode: Async, Listen: "127.0.0.1:8001",
		Store: store.Config{
			Kind: "mysql", Addr: "127.0.0.1:3306", User: "root", Password: "secret-1", Prefix: "t1_", Dir: "data", Schema: "orders",
		},
		Broker: broker.Config{
			Kind: "rabbitmq", Addr: "127.0.0.1:5672,127.0.0.1:5673", User: "squall", Password: "secret-2", VHost: "t1", Client: "orders-2",
		},
		Inventory: []string{"127.0.0.1:1", "127.0.0.1:2"}, Payment: []string{"127.0.0.1:3"},
		Shipping: []string{"127.0.0.1:4"}, Provider: []string{"localhost:5"},
		Seed: 18446744073709551615, SKUs: 7, Stock: 0, Work: Work{Median: 20 * time.Millisecond, P99: 90 * time.Millisecond},
		Declines: 0.25, Errors: 1, Workers: 3, Prefetch: 5, Timeout: 1500 * time.Millisecond, Transit: 2 * time.Second,
		DeliveryLimit: 4, bugs: bugs{noInbox: true, noOutbox: true}, failpoint: afterCommit, failpointNth: 3,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("saw\n%+v\nexpected\n%+v", got, want)
	}
}

// TestConfigDefaults: what may be missing has a default.
func TestConfigDefaults(t *testing.T) {
	env := map[string]string{
		"SQUALL_SERVICE": "shipping", "SQUALL_PROCESS": "shipping-1", "SQUALL_MODE": "sync", "SQUALL_LISTEN": ":80",
		"SQUALL_STORE": "sqlite", "SQUALL_STORE_DIR": "data",
	}
	got, err := FromEnv(without(env, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Service: "shipping", Process: "shipping-1", Mode: Sync, Listen: ":80",
		Store: store.Config{Kind: "sqlite", Dir: "data", Schema: "shipping"}, Broker: broker.Config{Client: "shipping-1"},
		Seed: 1, SKUs: 100, Stock: 1_000_000, Workers: 8, Prefetch: 64, Timeout: 2 * time.Second, DeliveryLimit: 20, bugs: bugs{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("saw\n%+v\nexpected\n%+v", got, want)
	}
}

// TestConfigRefuses changes one variable of a complete set at a time. The error
// names the variable, the value that was seen, and what was expected.
func TestConfigRefuses(t *testing.T) {
	for _, c := range []struct {
		why, name, value string
		also             map[string]string // other variables, to which this one does not fit
		says             string
	}{
		{"no service", "SQUALL_SERVICE", "", nil, "saw nothing; expected one of inventory, orders, payment, provider, shipping"},
		{"a service that does not exist", "SQUALL_SERVICE", "billing", nil, `saw "billing"; expected one of inventory, orders`},
		{"no name", "SQUALL_PROCESS", "", nil, "saw nothing; expected the replica's name, such as orders-1"},
		{"no mode", "SQUALL_MODE", "", nil, "saw nothing; expected one of sync, async"},
		{"a mode that does not exist", "SQUALL_MODE", "asink", nil, `saw "asink"; expected one of sync, async`},
		{"no address to serve on", "SQUALL_LISTEN", "", nil, "saw nothing; expected host:port"},
		{"an address without a port", "SQUALL_LISTEN", "localhost", nil, `saw "localhost"; expected host:port`},
		{"a port that cannot be", "SQUALL_LISTEN", "localhost:70000", nil, `saw "localhost:70000"; expected host:port`},
		{"no store", "SQUALL_STORE", "", nil, "saw nothing; expected one of mysql, sqlite"},
		{"a store that does not exist", "SQUALL_STORE", "oracle", nil, `saw "oracle"; expected one of mysql, sqlite`},
		{"mysql without its address", "SQUALL_STORE_ADDR", "", nil, "saw nothing; expected host:port"},
		{"mysql at an address that is none", "SQUALL_STORE_ADDR", "db", nil, `saw "db"; expected host:port`},
		{"SQLite without a folder", "SQUALL_STORE_DIR", "", map[string]string{"SQUALL_STORE": "sqlite"},
			"saw nothing; expected the folder of the database files, since SQUALL_STORE is sqlite"},
		{"no broker", "SQUALL_BROKER", "", nil, "saw nothing; expected one of jetstream, rabbitmq"},
		{"a broker that does not exist", "SQUALL_BROKER", "kafka", nil, `saw "kafka"; expected one of jetstream, rabbitmq`},
		{"a broker without its address", "SQUALL_BROKER_ADDR", "", nil, "since SQUALL_MODE is async"},
		{"a node that has no address", "SQUALL_BROKER_ADDR", "a:1,,b:2", nil, `saw "a:1,,b:2"; expected host:port of each, divided by commas`},
		{"orders calls inventory", "SQUALL_INVENTORY_ADDR", "", map[string]string{"SQUALL_MODE": "sync"}, "since orders calls that service"},
		{"orders calls payment", "SQUALL_PAYMENT_ADDR", "", map[string]string{"SQUALL_MODE": "sync"}, "since orders calls that service"},
		{"orders calls shipping", "SQUALL_SHIPPING_ADDR", "", map[string]string{"SQUALL_MODE": "sync"}, "since orders calls that service"},
		{"payment calls the provider", "SQUALL_PROVIDER_ADDR", "", map[string]string{"SQUALL_SERVICE": "payment"},
			"since payment calls that service"},
		{"a replica without a port", "SQUALL_INVENTORY_ADDR", "a:1,b", nil, `saw "a:1,b"; expected host:port of each, divided by commas`},
		{"a blank behind the comma", "SQUALL_PAYMENT_ADDR", "a:1, ", nil, `saw "a:1, "`},
		{"a word for a port", "SQUALL_SHIPPING_ADDR", "a:http", nil, `saw "a:http"`},
		{"a URL", "SQUALL_PROVIDER_ADDR", "http://a:1", nil, `saw "http://a:1"`},
		{"a seed that is a word", "SQUALL_SEED", "lucky", nil, `saw "lucky"; expected a whole number of 0 or more`},
		{"a seed below 0", "SQUALL_SEED", "-1", nil, `saw "-1"; expected a whole number of 0 or more`},
		{"no SKU", "SQUALL_SKUS", "0", nil, `saw "0"; expected a whole number of 1 or more`},
		{"stock below 0", "SQUALL_STOCK", "-1", nil, `saw "-1"; expected a whole number of 0 or more`},
		{"a part of a piece", "SQUALL_STOCK", "1.5", nil, `saw "1.5"; expected a whole number of 0 or more`},
		{"a duration without a unit", "SQUALL_WORK_MEDIAN", "20", nil, `saw "20"; expected a duration such as 20ms`},
		{"a duration below 0", "SQUALL_WORK_P99", "-1ms", nil, `saw "-1ms"; expected a duration such as 20ms`},
		{"no worker: nothing would be done", "SQUALL_WORKERS", "0", nil, `saw "0"; expected a whole number of 1 or more`},
		{"no message at once: none would come", "SQUALL_PREFETCH", "0", nil, `saw "0"; expected a whole number of 1 or more`},
		{"no time for a call: each would fail", "SQUALL_CALL_TIMEOUT", "0s", nil, `saw "0s"; expected a duration above 0, such as 2s`},
		{"a timeout that is a word", "SQUALL_CALL_TIMEOUT", "long", nil, `saw "long"; expected a duration above 0, such as 2s`},
		{"a transit time that is a word", "SQUALL_TRANSIT", "slow", nil, `saw "slow"; expected a duration such as 20ms`},
		{"a share in percent", "SQUALL_DECLINES", "10%", nil, `saw "10%"; expected a share from 0 to 1`},
		{"a share above 1", "SQUALL_ERRORS", "1.1", nil, `saw "1.1"; expected a share from 0 to 1`},
		{"a share that is no number", "SQUALL_ERRORS", "NaN", nil, `saw "NaN"; expected a share from 0 to 1`},
		{"no delivery at all", "SQUALL_DELIVERY_LIMIT", "0", nil, `saw "0"; expected a whole number of 1 or more`},
		{"a bug that does not exist", "SQUALL_BUGS", "no-inbox,no-luck", nil, `saw "no-luck"; expected some of ack-before-commit, no-inbox`},
		{"a failpoint that does not exist", "SQUALL_CRASH_AT", "after-lunch:1", nil,
			`saw the failpoint "after-lunch"; expected one of before-commit`},
		{"a failpoint without a number", "SQUALL_CRASH_AT", "after-commit", nil,
			`saw "after-commit"; expected a failpoint and a whole number`},
	} {
		env := environment()
		maps.Copy(env, c.also)
		_, err := FromEnv(without(env, map[string]string{c.name: c.value}))
		if err == nil || !strings.HasPrefix(err.Error(), c.name+": saw ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: saw the error %v; expected one that begins with %s and says %s", c.why, err, c.name, c.says)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: saw more than one complaint: %v", c.why, err)
		}
	}
}

// TestConfigAsksForWhatIsUsed: a process needs no setting of what it does not
// use.
func TestConfigAsksForWhatIsUsed(t *testing.T) {
	for _, c := range []struct {
		why     string
		changes map[string]string
	}{
		{"no broker without messages", map[string]string{"SQUALL_MODE": "sync", "SQUALL_BROKER": "", "SQUALL_BROKER_ADDR": ""}},
		{"the provider sends no messages", map[string]string{"SQUALL_SERVICE": "provider", "SQUALL_BROKER": "", "SQUALL_BROKER_ADDR": ""}},
		{"orders calls nobody where there are messages", map[string]string{
			"SQUALL_INVENTORY_ADDR": "", "SQUALL_PAYMENT_ADDR": "", "SQUALL_SHIPPING_ADDR": "", "SQUALL_PROVIDER_ADDR": ""}},
		{"mysql has no folder", map[string]string{"SQUALL_STORE_DIR": ""}},
		{"SQLite has no address", map[string]string{"SQUALL_STORE": "sqlite", "SQUALL_STORE_ADDR": ""}},
		{"secrets may be empty", map[string]string{"SQUALL_STORE_PASSWORD": "", "SQUALL_BROKER_PASSWORD": ""}},
		{"the first failpoint is not armed", map[string]string{"SQUALL_CRASH_AT": "before-commit:0"}},
	} {
		if _, err := FromEnv(without(environment(), c.changes)); err != nil {
			t.Errorf("%s: saw the error %v; expected none", c.why, err)
		}
	}
}

// TestConfigTellsAllAtOnce: whoever starts a process by hand wants to correct
// everything in one go. No error has a password in it.
func TestConfigTellsAllAtOnce(t *testing.T) {
	_, err := FromEnv(without(environment(), map[string]string{
		"SQUALL_MODE": "", "SQUALL_WORKERS": "many", "SQUALL_ERRORS": "2", "SQUALL_BUGS": "x", "SQUALL_CRASH_AT": "y:1", "SQUALL_LISTEN": "z",
	}))
	if err == nil {
		t.Fatal("saw no error; expected six")
	}
	var names []string
	for _, line := range strings.Split(err.Error(), "\n") {
		name, _, _ := strings.Cut(line, ":")
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{"SQUALL_BUGS", "SQUALL_CRASH_AT", "SQUALL_ERRORS", "SQUALL_LISTEN", "SQUALL_MODE", "SQUALL_WORKERS"}
	if !slices.Equal(names, want) {
		t.Errorf("saw complaints about %v; expected %v", names, want)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error has a password in it: %v", err)
	}
}
