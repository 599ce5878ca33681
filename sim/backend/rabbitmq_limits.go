package backend

import (
	"fmt"
	"sync"

	rabbithole "github.com/michaelklishin/rabbit-hole/v3"
)

// The resources of which a broker can be short.
const (
	memory = "memory"
	disk   = "disk"
)

// The limits that no node keeps: so little memory in use, so much disk free. Both
// are in bytes.
const (
	outOfMemory = 1_000_000
	outOfDisk   = 1_000_000_000_000_000
)

// limits remembers the limits that nodes had before a fault changed them. Each is
// read once: what the broker tells of its limits lags behind what was set.
type limits struct {
	mu    sync.Mutex
	first map[string]int // by node and resource, in bytes
}

// of returns the limit that a node had at first; read tells it the first time.
func (l *limits) of(node, resource string, read func() (int, error)) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := node + " " + resource
	if limit, known := l.first[key]; known {
		return limit, nil
	}
	limit, err := read()
	if err != nil {
		return 0, err
	}
	if l.first == nil {
		l.first = map[string]int{}
	}
	l.first[key] = limit
	return limit, nil
}

// limitIn finds the limit of a node among those that the management API lists. A
// node that is alone is the one, whatever it is called.
func limitIn(nodes []rabbithole.NodeInfo, name, resource string) (int, error) {
	for _, n := range nodes {
		if len(nodes) > 1 && n.Name != rabbitName(name) {
			continue
		}
		if resource == disk {
			return n.DiskFreeLimit, nil
		}
		return n.MemLimit, nil
	}
	return 0, fmt.Errorf("the management API does not know %s", name)
}

// limitCommand is the program that sets a node's limit: to what no node keeps, or
// to the limit that it had.
func limitCommand(resource string, starve bool, had int) []string {
	argv, starved := []string{"rabbitmqctl", "-q", "set_vm_memory_high_watermark", "absolute"}, outOfMemory
	if resource == disk {
		argv, starved = []string{"rabbitmqctl", "-q", "set_disk_free_limit"}, outOfDisk
	}
	if starve {
		had = starved
	}
	return append(argv, fmt.Sprint(had))
}
