package backend

import (
	"errors"
	"slices"
	"strings"
	"testing"

	rabbithole "github.com/michaelklishin/rabbit-hole/v3"
)

func TestLimitsAreReadOnce(t *testing.T) {
	var l limits
	reads := 0
	read := func(limit int, err error) func() (int, error) {
		return func() (int, error) { reads++; return limit, err }
	}
	if _, err := l.of("broker", memory, read(0, errors.New("down"))); err == nil {
		t.Error("an error was dropped")
	}
	for _, c := range []struct {
		why, node, resource string
		now, want           int
	}{
		{"the first answer, after one that failed", "broker", memory, 100, 100},
		{"a changed limit is not the one it had", "broker", memory, 5, 100},
		{"another resource", "broker", disk, 7, 7},
		{"another node", "broker-2", memory, 9, 9},
		{"a limit of nothing is a limit", "broker-3", disk, 0, 0},
		{"and is read once, too", "broker-3", disk, 8, 0},
	} {
		if got, err := l.of(c.node, c.resource, read(c.now, nil)); err != nil || got != c.want {
			t.Errorf("%s: %d, %v, expected %d", c.why, got, err, c.want)
		}
	}
	if reads != 5 {
		t.Errorf("%d reads, expected 5", reads)
	}
}

func TestLimitIn(t *testing.T) {
	node := func(name string, memory, disk int) rabbithole.NodeInfo {
		return rabbithole.NodeInfo{Name: name, MemLimit: memory, DiskFreeLimit: disk}
	}
	alone := []rabbithole.NodeInfo{node("rabbit@0f1e2d", 10, 20)}
	cluster := []rabbithole.NodeInfo{node("rabbit@broker-1", 1, 2), node("rabbit@broker-2", 3, 4)}
	for _, c := range []struct {
		why      string
		nodes    []rabbithole.NodeInfo
		name     string
		resource string
		want     int
		err      bool
	}{
		{"a node alone has the container's name", alone, "broker", memory, 10, false},
		{"its disk", alone, "broker", disk, 20, false},
		{"a node of a cluster", cluster, "broker-2", memory, 3, false},
		{"a node that the cluster does not know", cluster, "broker-3", memory, 0, true},
		{"no node", nil, "broker", memory, 0, true},
	} {
		if got, err := limitIn(c.nodes, c.name, c.resource); got != c.want || (err != nil) != c.err {
			t.Errorf("%s: %d, %v, expected %d", c.why, got, err, c.want)
		}
	}
}

func TestLimitCommand(t *testing.T) {
	for _, c := range []struct {
		resource string
		starve   bool
		want     string
	}{
		{memory, true, "rabbitmqctl -q set_vm_memory_high_watermark absolute 1000000"},
		{memory, false, "rabbitmqctl -q set_vm_memory_high_watermark absolute 42"},
		{disk, true, "rabbitmqctl -q set_disk_free_limit 1000000000000000"},
		{disk, false, "rabbitmqctl -q set_disk_free_limit 42"},
	} {
		if got := strings.Join(limitCommand(c.resource, c.starve, 42), " "); got != c.want {
			t.Errorf("%s, %v: %q, expected %q", c.resource, c.starve, got, c.want)
		}
	}
}

// TestStarve: both ways, each node is set to what it keeps, or had.
func TestStarve(t *testing.T) {
	engine := newFakeEngine(t)
	set, _ := one(t, engine)
	f, m := newFakeManagement(t, map[string]string{"nodes": `[{"name":"rabbit@0f1e","mem_limit":500,"disk_free_limit":50}]`})
	r := rabbitOf(m)
	r.containers = set
	if err := r.Starve(t.Context(), memory, true); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.answers["nodes"] = `[{"name":"rabbit@0f1e","mem_limit":1000000}]`
	f.mu.Unlock()
	if err := r.Starve(t.Context(), memory, false); err != nil {
		t.Fatal(err)
	}
	want := []string{strings.Join(limitCommand(memory, true, 0), " "), strings.Join(limitCommand(memory, false, 500), " ")}
	if !slices.Equal(engine.programs, want) {
		t.Errorf("it ran %q, expected %q", engine.programs, want)
	}
	f.mu.Lock()
	delete(f.answers, "nodes")
	f.mu.Unlock()
	says(t, r.Starve(t.Context(), disk, true), "read the disk limit of broker: ")
}
