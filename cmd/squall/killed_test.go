package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"squall"

	"squall/sim/backend/backendtest"
	"squall/sim/clock"
	"squall/sim/record"
)

// killedScenario has faults that would be bad to leave in force.
const killedScenario = `name: killed
load: { phases: [ { for: 8s, rate: 30/s } ] }
faults:
  - { pause: inventory, at: 1s, for: 6s }
  - { cpu-starve: payment, at: 1s, for: 6s, count: 2 }
  - { blackhole: shipping, at: 2s, for: 2s }
  - { broker-pause: broker, at: 4500ms, for: 3s }
variants: [async]
`

// times reads how often a test is to try, from the environment or the default.
func times(t *testing.T, key string, def int) int {
	text := os.Getenv(key)
	if text == "" {
		return def
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: saw %q, expected a number", key, text)
	}
	return n
}

// TestLongKilledAtAnyMoment ends squall with SIGINT, SIGTERM and SIGKILL at random
// moments of a run: nothing is left behind, and what was recorded can be read.
// SQUALL_TEST_KILLS says how often (default 4).
func TestLongKilledAtAnyMoment(t *testing.T) {
	for n := range times(t, "SQUALL_TEST_KILLS", 4) {
		t.Run(fmt.Sprint(n), func(t *testing.T) { killed(t, "embedded", n, 14*time.Second) })
	}
}

// TestLongKilledAtAnyMomentContainer is the same with containers; also none of those
// is left. SQUALL_TEST_KILLS_CONTAINER says how often (default 2).
func TestLongKilledAtAnyMomentContainer(t *testing.T) {
	backendtest.NeedContainers(t)
	for n := range times(t, "SQUALL_TEST_KILLS_CONTAINER", 2) {
		t.Run(fmt.Sprint(n), func(t *testing.T) { killed(t, "container", n, 22*time.Second) })
		if left := labelled(t); left != "" {
			t.Fatalf("containers or networks are left: %s", left)
		}
	}
}

// labelled lists the containers and networks that squall has in the engine.
func labelled(t *testing.T) string {
	t.Helper()
	var all []string
	for _, args := range [][]string{{"ps", "-aq", "--filter", "label=squall.run"}, {"network", "ls", "-q", "--filter", "label=squall.run"}} {
		out, err := exec.Command("docker", args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Fields(string(out))...)
	}
	return strings.Join(all, " ")
}

func killed(t *testing.T, backing string, n int, within time.Duration) {
	dir := t.TempDir()
	file := filepath.Join(dir, "killed.yaml")
	if err := os.WriteFile(file, []byte(killedScenario), 0o644); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	cmd := exec.Command(program, "run", file, "--backing", backing, "--out", run)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGKILL, syscall.SIGTERM}[n%4]
	after := time.Duration(rand.Int64N(int64(within)))
	t.Logf("%s after %s", signal, after)
	select {
	case err := <-ended: // it was done before
		ended <- err
	case <-time.After(after):
		_ = cmd.Process.Signal(signal) // it may have ended by itself
	}
	select {
	case _ = <-ended:
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		t.Fatalf("it did not end within a minute of %s:\n%s", signal, out.String())
	}
	nothingLeftOf(t, dir)
	readable(t, run)
	if signal == syscall.SIGKILL {
		return
	}
	if code := cmd.ProcessState.ExitCode(); code != squall.ExitUnknown && code != squall.ExitPass {
		t.Errorf("exit code %d after %s, expected %d, or %d if it was done before:\n%s",
			code, signal, squall.ExitUnknown, squall.ExitPass, out.String())
	}
}

// nothingLeftOf waits until no process knows of a folder, and no trial has data
// in it: for 15 seconds at most.
func nothingLeftOf(t *testing.T, dir string) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); clock.Sleep(t.Context(), 50*time.Millisecond) {
		left = processesOf(dir)
		data, err := filepath.Glob(filepath.Join(dir, "*", "*", "data"))
		if err != nil {
			t.Fatal(err)
		}
		if left = append(left, data...); len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind after 15 seconds:\n%s", strings.Join(left, "\n"))
}

// readable judges what was recorded until the end.
func readable(t *testing.T, run string) {
	t.Helper()
	if _, err := os.Stat(record.RunDir(run).RunFile()); errors.Is(err, os.ErrNotExist) {
		return // it had not begun
	}
	out, err := exec.Command(program, "check", run).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != squall.ExitUnknown) {
		t.Errorf("squall check: %v\n%s", err, out)
	}
}
