package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"squall"

	"squall/sim/backend/backendtest"
	"squall/sim/clock"
	"squall/sim/record"
)

const troubleScenario = `name: trouble
load: { phases: [ { for: 40s, rate: 120/s } ] }
variants: [async]
`

// runSquall runs the program in a folder and returns its exit code and what it
// wrote.
func runSquall(t *testing.T, dir string, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEngineGoesAwayContainer: a container engine that no longer answers ends the run
// with a sentence; once it is back, squall clean removes what it still has.
func TestEngineGoesAwayContainer(t *testing.T) {
	backendtest.NeedContainers(t)
	dir := t.TempDir()
	socket := filepath.Join(dir, "engine.sock")
	gone := relayEngine(t, socket)
	write(t, dir, "trouble.yaml", troubleScenario)
	go func() {
		history := record.RunDir(filepath.Join(dir, "run")).History("async-1")
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); clock.Sleep(t.Context(), 100*time.Millisecond) {
			if info, err := os.Stat(history); err == nil && info.Size() > 2000 {
				break
			}
		}
		gone()
	}()
	code, _, stderr := runSquall(t, dir, []string{"DOCKER_HOST=unix://" + socket},
		"run", "trouble.yaml", "--backing", "container", "--out", "run")
	if code != squall.ExitBroken ||
		!strings.Contains(stderr, "the container engine does not answer for the ") || !strings.Contains(stderr, "what was recorded is in run") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
	nothingLeftOf(t, dir)
	readable(t, filepath.Join(dir, "run"))
	if labelled(t) == "" {
		t.Error("nothing is left in the engine: it was not away")
	}
	if code, stdout, stderr := runSquall(t, dir, nil, "clean"); code != squall.ExitPass || !strings.Contains(stdout, "removed container") {
		t.Errorf("exit code %d of squall clean:\n%s%s", code, stdout, stderr)
	}
	if left := labelled(t); left != "" {
		t.Errorf("left in the engine: %s", left)
	}
}

// relayEngine listens at a socket and hands on to the engine's own, until the
// function that it returns is called.
func relayEngine(t *testing.T, socket string) (gone func()) {
	t.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			engine, err := net.Dial("unix", "/var/run/docker.sock")
			if err != nil {
				c.Close()
				continue
			}
			mu.Lock()
			open = append(open, c, engine)
			mu.Unlock()
			carry := func(to, from net.Conn) { // until either end is gone
				_, _ = io.Copy(to, from)
				_ = to.(*net.UnixConn).CloseWrite()
			}
			go carry(engine, c)
			go carry(c, engine)
		}
	}()
	gone = func() {
		l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			c.Close()
		}
	}
	t.Cleanup(gone)
	return gone
}
