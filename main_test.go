package squall

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what tests compare with")

// program is the squall that tests start child processes from: this test binary,
// which is one of them when it is told so (see TestMain).
var program string

// TestMain runs the tests, or is a child process that one of them started.
func TestMain(m *testing.M) {
	serve := map[string]func(context.Context) error{
		serviceWord: ServeService,
		brokerWord:  ServeBroker,
		reaperWord:  func(context.Context) error { return Reap(os.Args[3], os.Args[5]) },
	}
	if len(os.Args) > 1 && serve[os.Args[1]] != nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		if err := serve[os.Args[1]](ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(ExitBroken)
		}
		os.Exit(0)
	}
	flag.Parse()
	var err error
	if program, err = os.Executable(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
