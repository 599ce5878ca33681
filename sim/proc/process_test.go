package proc

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"squall/sim"
)

// heard gathers what a process tells.
type heard struct {
	mu    sync.Mutex
	lines []string
	kinds []string
	texts []string
}

func (h *heard) said(kind string) (text string, yes bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, k := range h.kinds {
		if k == kind {
			return h.texts[i], true
		}
	}
	return "", false
}

// shell starts a shell script as a child.
func shell(t *testing.T, script string) (*Process, *heard) {
	t.Helper()
	h := &heard{}
	p, err := Launch(t.Context(), sim.Launch{
		Name: "child-1", Service: "child", Argv: []string{"/bin/sh", "-c", script}, Log: filepath.Join(t.TempDir(), "log"),
		Line: func(line []byte) { h.mu.Lock(); h.lines = append(h.lines, string(line)); h.mu.Unlock() },
		Event: func(k, s string) {
			h.mu.Lock()
			h.kinds = append(h.kinds, k)
			h.texts = append(h.texts, s)
			h.mu.Unlock()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(context.Background()) })
	return p, h
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not in time: %s", what)
}

func TestKillLosesNoLine(t *testing.T) {
	p, h := shell(t, `i=0; while [ $i -lt 200 ]; do echo "line $i" >&3; i=$((i+1)); done; echo ready >&2; exec cat`)
	eventually(t, "the child has written", func() bool { return strings.Contains(Tail(p.launch.Log, 1), "ready") })
	status, err := p.Kill()
	if err != nil || status != "signal: killed" {
		t.Fatalf("status %q, error %v", status, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.lines) != 200 {
		t.Fatalf("%d of 200 lines survived the kill", len(h.lines))
	}
	if p.Alive() {
		t.Error("it is said to be alive")
	}
}

func TestKillOfTheDeadIsAnError(t *testing.T) {
	p, h := shell(t, "exit 0")
	eventually(t, "its end is reported", func() bool { _, yes := h.said(sim.ProcessDied); return yes })
	if _, err := p.Kill(); err == nil {
		t.Fatal("a dead process was killed")
	}
}

func TestDeathUnaskedIsTold(t *testing.T) {
	p, h := shell(t, "echo out of luck >&2; exit 7")
	eventually(t, "its death is reported", func() bool { _, yes := h.said(sim.ProcessDied); return yes })
	text, _ := h.said(sim.ProcessDied)
	for _, want := range []string{"child-1 ended by itself: exit status 7", "out of luck", p.launch.Log} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}

func TestAFailedStartQuotesTheLog(t *testing.T) {
	addr, err := FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Launch(t.Context(), sim.Launch{
		Name: "child-1", Argv: []string{"/bin/sh", "-c", "echo no database >&2; exit 1"}, Addr: addr,
		Log: filepath.Join(t.TempDir(), "log"), Event: func(string, string) {},
	})
	if err == nil || !strings.Contains(err.Error(), "no database") || !strings.Contains(err.Error(), "exit status 1") {
		t.Fatalf("error %v, expected the status and what it wrote", err)
	}
}

func TestPauseStopsAndStopResumes(t *testing.T) {
	p, h := shell(t, "exec cat")
	if err := p.Pause(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the kernel shows it stopped", func() bool {
		r, err := p.Resources()
		return err == nil && r.State == "T"
	})
	p.Stop(t.Context()) // a stopped process cannot see its input end
	if text, yes := h.said(sim.ProcessStopped); !yes || text != "exit status 0" {
		t.Fatalf("it ended with %q, expected politely", text)
	}
}

func TestRestartTakesTheSameAddress(t *testing.T) {
	p, _ := shell(t, "exec cat")
	if _, err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if r, err := p.Resources(); !errors.Is(err, os.ErrProcessDone) || !strings.Contains(err.Error(), "child-1") {
		t.Errorf("resources %+v of a dead process, error %v; expected os.ErrProcessDone that names it", r, err)
	}
	if err := p.Restart(t.Context()); err != nil || !p.Alive() {
		t.Fatalf("restart: %v, alive %v", err, p.Alive())
	}
	if err := p.Restart(t.Context()); err != nil { // it runs: nothing to do
		t.Fatal(err)
	}
}
