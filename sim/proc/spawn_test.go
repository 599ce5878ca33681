package proc

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// parentOf is set in the environment of a copy of this program that is to be
// the parent of one process: "running" or "stopped".
const parentOf = "SQUALL_TEST_PARENT_OF"

func TestMain(m *testing.M) {
	if how := os.Getenv(parentOf); how != "" {
		if err := parent(how); err != nil {
			fmt.Println(err)
		}
		return
	}
	os.Exit(m.Run())
}

// parent starts a process without a parent-death signal, prints its id, and
// waits to be killed.
func parent(how string) error {
	cmd := exec.Command("/bin/sh", "-c", "exec cat")
	if _, err := cmd.StdinPipe(); err != nil {
		return err
	}
	if err := startGroup(cmd); err != nil {
		return err
	}
	if how == "stopped" {
		if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			return err
		}
	}
	fmt.Println(cmd.Process.Pid)
	return cmd.Wait()
}

// TestAnOrphanEndsWithoutTheSignal: where the kernel does not kill a child with
// its parent, a child that runs sees the end of its standard input, and one that
// is stopped is hung up on. Nothing that squall could do after its own SIGKILL
// would help.
func TestAnOrphanEndsWithoutTheSignal(t *testing.T) {
	for _, how := range []string{"running", "stopped"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), parentOf+"="+how)
			// In a session of its own, as squall is in one that is not init's.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			line, err := bufio.NewReader(out).ReadString('\n')
			pid, bad := strconv.Atoi(strings.TrimSpace(line))
			if err := errors.Join(err, bad); err != nil {
				t.Fatalf("the parent said %q: %v", line, err)
			}
			defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }()
			want := map[string]string{"running": "S", "stopped": "T"}[how]
			eventually(t, "the child is "+how, func() bool { r, err := read(pid); return err == nil && r.State == want })
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			eventually(t, "the child has ended", func() bool {
				r, err := read(pid)
				return errors.Is(err, os.ErrProcessDone) || r.State == "Z" // where nobody reaps orphans
			})
		})
	}
}

func TestChildrenYieldToTheHarness(t *testing.T) {
	for name, begin := range map[string]func(*exec.Cmd) error{"start": start, "startGroup": startGroup} {
		cmd := exec.Command("/bin/sh", "-c", "exec cat")
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := begin(cmd); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("ps", "-o", "nice=", "-p", strconv.Itoa(cmd.Process.Pid)).Output()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if errors.Is(err, exec.ErrNotFound) {
			t.Skip("there is no ps here to read the niceness with")
		}
		if nice := strings.TrimSpace(string(out)); err != nil || nice != strconv.Itoa(childNice) {
			t.Errorf("%s: niceness %q, error %v; expected %d", name, nice, err, childNice)
		}
	}
}
