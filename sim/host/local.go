package host

import (
	"context"

	"squall/sim"
	"squall/sim/link"
	"squall/sim/proc"
)

// Local is the machine that squall runs on: its processes are children of squall,
// and its links listen on the loopback interface.
type Local struct{}

var _ sim.Host = Local{}

// Launch starts a process and waits until it is ready. The child is returned also
// with an error, when there is one that must be stopped.
func (Local) Launch(ctx context.Context, l sim.Launch) (sim.Child, error) {
	return proc.Launch(ctx, l) // a process also with an error
}

// OpenLink puts a proxy before each of the upstream addresses and returns the
// proxies' addresses in the same order.
func (Local) OpenLink(name, protocol string, upstreams []string) (sim.OpenProxy, []string, error) {
	l, addrs, err := link.Open(name, protocol, upstreams)
	if err != nil { // not a nil *Link inside the interface
		return nil, nil, err
	}
	return l, addrs, nil
}

// FreeAddr returns an unused loopback address.
func (Local) FreeAddr() (string, error) { return proc.FreeAddr() }
