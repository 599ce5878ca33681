package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"squall/sim"
)

// ports returns addresses with the ports 1001, 1002, ...
func ports() func() (string, error) {
	var n atomic.Int64
	return func() (string, error) { return fmt.Sprintf("127.0.0.1:%d", 1000+n.Add(1)), nil }
}

// one starts the containers of a server that has one.
func one(t *testing.T, f *fakeEngine) (*containers, *fakeContainer) {
	t.Helper()
	c := newContainers(startSpec{Options: Options{RunID: "a", FreeAddr: ports()}, engine: f.Engine, image: "an-image"})
	if err := c.run(t.Context(), nodeSpec{name: "broker", ports: []string{"5672"}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // closing again what a test has closed is no error
		f.locked(func() { clear(f.refuse) })
		if err := c.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	var made *fakeContainer
	f.locked(func() { made = f.containers[c.nodes[0].id] })
	return c, made
}

// TestContainersThatDoNotStart: whatever fails, nothing is left, and the error says
// what the engine said.
func TestContainersThatDoNotStart(t *testing.T) {
	for _, c := range []struct{ why, refuse string }{
		{"it cannot be made", "POST /containers/create"},
		{"a file cannot be copied into it", "/archive"},
		{"it cannot be started", "/start"},
	} {
		f := newFakeEngine(t)
		f.fail(c.refuse, "no space left")
		set := newContainers(startSpec{Options: Options{RunID: "a", FreeAddr: ports()}, engine: f.Engine, image: "an-image"})
		err := set.run(t.Context(), nodeSpec{name: "broker", ports: []string{"1"}, files: map[string]string{"/a": "b"}})
		if err == nil {
			t.Fatalf("%s: no error", c.why)
		}
		err = set.abandon(t.Context(), err)
		said := err.Error()
		if !strings.Contains(said, "start the container of the broker from an-image: ") || !strings.Contains(said, "no space left") {
			t.Errorf("%s: error %v", c.why, err)
		}
		if f.left() > 0 {
			t.Errorf("%s: %d containers are left", c.why, f.left())
		}
	}
	f := newFakeEngine(t)
	set := newContainers(startSpec{Options: Options{FreeAddr: func() (string, error) { return "", errors.New("no port") }}, engine: f.Engine})
	if err := set.run(t.Context(), nodeSpec{name: "broker", ports: []string{"1"}}); err == nil || !strings.Contains(err.Error(), "no port") {
		t.Errorf("error %v, expected one about ports", err)
	}
	if did := f.requests(); len(did) > 0 {
		t.Errorf("without a port it asked the engine for %v", did)
	}
}

// TestAbandonQuotesTheLog: a server that would not come up is removed, and its
// last lines are in the error.
func TestAbandonQuotesTheLog(t *testing.T) {
	f := newFakeEngine(t)
	c, made := one(t, f)
	f.locked(func() {
		for n := range 30 {
			made.log += fmt.Sprintf("line %d\n", n)
		}
	})
	err := c.abandon(t.Context(), errors.New("not ready"))
	for _, part := range []string{"not ready", "the last the broker wrote:\nline 10\n", "line 29"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q has no %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "line 9\n") || f.left() > 0 {
		t.Errorf("more than 20 lines, or %d containers are left: %v", f.left(), err)
	}
}

func TestPauseAndResume(t *testing.T) {
	f := newFakeEngine(t)
	c, _ := one(t, f)
	paused := func() bool {
		t.Helper()
		p, err := c.Paused(t.Context())
		if err != nil {
			t.Error(err)
		}
		return p
	}
	if paused() {
		t.Error("it is paused from the start")
	}
	if err := c.Resume(t.Context()); err != nil {
		t.Errorf("resume of one that runs: %v, expected no error", err)
	}
	if err := c.Pause(t.Context()); err != nil || !paused() {
		t.Errorf("pause: %v", err)
	}
	f.fail("/unpause", "frozen for good")
	if err := c.Resume(t.Context()); err == nil || !strings.Contains(err.Error(), "frozen for good") || !paused() {
		t.Errorf("resume that the engine refuses: %v", err)
	}
	f.locked(func() { delete(f.refuse, "/unpause") })
	if err := c.Resume(t.Context()); err != nil || paused() {
		t.Errorf("resume: %v", err)
	}
}

// trial is a namespace's settings whose servers may die.
func trial(t *testing.T) (sim.NamespaceSpec, <-chan error) {
	died := make(chan error, 1)
	dir := t.TempDir()
	return sim.NamespaceSpec{
		Name: "async-1", Dir: dir, Log: func(s string) string { return filepath.Join(dir, s+".log") }, Died: func(err error) { died <- err },
	}, died
}

// TestWatch: a container that ends without squall having asked for it ends the
// trial with where its log is; one that squall brought down does not.
func TestWatch(t *testing.T) {
	f := newFakeEngine(t)
	c, made := one(t, f)
	f.locked(func() { made.log = "out of memory" })
	spec, died := trial(t)
	stop := c.watch(spec)
	if _, err := c.down(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if err := c.look(t.Context(), spec); err != nil {
		t.Errorf("a container that squall brought down: %v", err)
	}
	c.nodes[0].held.Store(false)
	select {
	case err := <-died:
		want := "the container of the broker ended with status 137; its log is " + spec.Log("broker")
		if err.Error() != want {
			t.Errorf("%q, expected %q", err, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody said that the container ended")
	}
	stop()
	if text, err := os.ReadFile(spec.Log("broker")); err != nil || string(text) != "out of memory" {
		t.Errorf("log %q, %v", text, err)
	}
}

func TestWatchOfAnEngineThatIsGone(t *testing.T) {
	f := newFakeEngine(t)
	c, made := one(t, f)
	spec, _ := trial(t)
	if err := c.look(t.Context(), spec); err != nil {
		t.Errorf("a container that runs: %v", err)
	}
	f.locked(func() { made.State = container.State{Restarting: true} })
	if err := c.look(t.Context(), spec); err != nil {
		t.Errorf("a container that is started again: %v", err)
	}
	f.fail("/json", "no")
	err := c.look(t.Context(), spec)
	if err == nil || !strings.HasPrefix(err.Error(), "the container engine does not answer for the broker: ") {
		t.Errorf("error %v, expected one about the engine", err)
	}
}

// TestPoll tries until it works, and stops when the server is gone.
func TestPoll(t *testing.T) {
	f := newFakeEngine(t)
	c, made := one(t, f)
	tries := 0
	err := c.poll(t.Context(), func() error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || tries != 3 {
		t.Errorf("%v after %d tries, expected success after 3", err, tries)
	}
	f.locked(func() { made.State = container.State{ExitCode: 1} })
	err = c.poll(t.Context(), func() error { return errors.New("refused") })
	if err == nil || err.Error() != "the container of the broker ended with status 1" {
		t.Errorf("error %v, expected that the container ended", err)
	}
}
