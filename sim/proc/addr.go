package proc

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// Ports of services lie below the range from which Linux (from 32768) and macOS
// (from 49152) take the ports of outgoing connections, so that a process that is
// started again finds its own port free.
const (
	firstPort = 15000
	lastPort  = 31999
)

var (
	takenMu sync.Mutex
	taken   = map[int]bool{}
)

// FreeAddr returns a loopback address that nobody listens on and that this
// process has not given out before.
func FreeAddr() (string, error) {
	takenMu.Lock()
	defer takenMu.Unlock()
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		if taken[port] {
			continue
		}
		taken[port] = true
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		l.Close()
		return addr, nil
	}
	return "", fmt.Errorf("find a free port from %d to %d: %w", firstPort, lastPort, errors.New("1000 tries found none"))
}
