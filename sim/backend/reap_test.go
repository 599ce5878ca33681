package backend

import (
	"context"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// gonePID is the id of no process: Linux has none above 2^22.
const gonePID = 1 << 30

func ownedBy(run string, pid int) map[string]string {
	return map[string]string{labelRun: run, labelOwner: strconv.Itoa(pid)}
}

func TestLeft(t *testing.T) {
	for _, c := range []struct {
		why    string
		labels map[string]string
		run    string
		want   bool
	}{
		{"the run that is named, whoever owns it", ownedBy("a", os.Getpid()), "a", true},
		{"another run than the one that is named", ownedBy("b", gonePID), "a", false},
		{"no run is named, and its owner is gone", ownedBy("b", gonePID), "", true},
		{"no run is named, and its owner runs", ownedBy("b", os.Getpid()), "", false},
		{"the owner's id belongs to another program now", ownedBy("b", 1), "", true},
		{"no owner can be read", map[string]string{labelRun: "b", labelOwner: "me"}, "", true},
	} {
		if got := left(c.labels, c.run); got != c.want {
			t.Errorf("%s: %v, expected %v", c.why, got, c.want)
		}
	}
}

func TestReap(t *testing.T) {
	for _, c := range []struct {
		why              string
		run              string
		wantContainers   []string // that stay
		wantNetworks     []string
		wantRemoved      int
		removing, refuse string
		wantErr          string
	}{
		{why: "a run by its name", run: "a", wantContainers: []string{"old", "own"}, wantNetworks: []string{"net-old"}, wantRemoved: 2},
		{why: "what gone squalls left", wantContainers: []string{"named", "own"}, wantNetworks: []string{"net-a"}, wantRemoved: 2},
		{why: "a container that another process is removing", run: "a", removing: "named",
			wantContainers: []string{"old", "own"}, wantNetworks: []string{"net-old"}, wantRemoved: 2},
		{why: "a container that cannot be removed", run: "a", refuse: "DELETE /containers/named",
			wantContainers: []string{"named", "old", "own"}, wantNetworks: []string{"net-a", "net-old"}, wantErr: "remove container named: "},
		{why: "a network that cannot be removed", run: "a", refuse: "DELETE /networks/net-a",
			wantContainers: []string{"old", "own"}, wantNetworks: []string{"net-a", "net-old"}, wantRemoved: 1, wantErr: "remove network net-a: "},
		{why: "an engine that lists nothing", run: "a", refuse: "GET /containers/json",
			wantContainers: []string{"named", "old", "own"}, wantNetworks: []string{"net-a", "net-old"}, wantErr: "list containers: "},
	} {
		t.Run(c.why, func(t *testing.T) {
			f := newFakeEngine(t)
			f.containers = map[string]*fakeContainer{
				"named": {labels: ownedBy("a", os.Getpid())}, "own": {labels: ownedBy("b", os.Getpid())}, "old": {labels: ownedBy("c", gonePID)},
			}
			f.networks = map[string]map[string]string{"net-a": ownedBy("a", os.Getpid()), "net-old": ownedBy("c", gonePID)}
			if c.removing != "" {
				f.containers[c.removing].removing = 3
			}
			if c.refuse != "" {
				f.fail(c.refuse, "the disk is full")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			removed, err := f.Reap(ctx, c.run)
			if (err == nil) != (c.wantErr == "") || err != nil && !strings.HasPrefix(err.Error(), c.wantErr) {
				t.Errorf("error %v, expected %q", err, c.wantErr)
			}
			if len(removed) != c.wantRemoved {
				t.Errorf("it says that it removed %q, expected %d things", removed, c.wantRemoved)
			}
			if got := slices.Sorted(maps.Keys(f.containers)); !slices.Equal(got, c.wantContainers) {
				t.Errorf("containers that stay: %v, expected %v", got, c.wantContainers)
			}
			if got := slices.Sorted(maps.Keys(f.networks)); !slices.Equal(got, c.wantNetworks) {
				t.Errorf("networks that stay: %v, expected %v", got, c.wantNetworks)
			}
		})
	}
}

// TestRemovalThatGoesOnForEver: a removal of which no end is seen is an error when
// the time is over.
func TestRemovalThatGoesOnForEver(t *testing.T) {
	f := newFakeEngine(t)
	f.containers["stuck"] = &fakeContainer{removing: 1 << 20}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := f.removeContainer(ctx, "stuck"); err == nil || !strings.Contains(err.Error(), "remove container stuck") {
		t.Errorf("error %v, expected one that names the container", err)
	}
}

// TestRemovedAlready: what is gone already is no error.
func TestRemovedAlready(t *testing.T) {
	f := newFakeEngine(t)
	if err := f.removeContainer(t.Context(), "gone"); err != nil {
		t.Errorf("a container: %v", err)
	}
	if err := f.removeNetwork(t.Context(), "gone"); err != nil {
		t.Errorf("a network: %v", err)
	}
}

func TestNetworkBearsTheRunsLabels(t *testing.T) {
	f := newFakeEngine(t)
	name, err := f.makeNetwork(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	f.locked(func() { got = f.networks[name] })
	if !maps.Equal(got, Labels("a")) {
		t.Errorf("labels %v, expected %v", got, Labels("a"))
	}
	f.fail("POST /networks/create", "no more addresses")
	if _, err := f.makeNetwork(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "no more addresses") {
		t.Errorf("error %v, expected the engine's", err)
	}
}
