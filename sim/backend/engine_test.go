package backend

import (
	"os"
	"os/exec"
	"testing"
)

// TestOnlyASquallOwnsContainers: what a squall has started that is gone may be
// removed, also when another program has its process id by now.
func TestOnlyASquallOwnsContainers(t *testing.T) {
	other := exec.Command("/bin/sh", "-c", "exec cat")
	if _, err := other.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Wait() }()
	defer func() { _ = other.Process.Kill() }()
	gone := exec.Command("/bin/sh", "-c", "exit 0")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why  string
		pid  int
		want bool
	}{
		{"this test is one", os.Getpid(), true},
		{"another program is not", other.Process.Pid, false},
		{"a process that is gone is not", gone.Process.Pid, false},
	} {
		if got := isSquall(c.pid); got != c.want {
			t.Errorf("%s: saw %v", c.why, got)
		}
	}
}

// TestNameFromPS: what is used where there is no /proc says the same.
func TestNameFromPS(t *testing.T) {
	if _, err := exec.LookPath("ps"); err != nil {
		t.Skip("there is no ps here; it is used only where there is no /proc")
	}
	want, err := processName(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := nameFromPS(os.Getpid()); err != nil || got != want {
		t.Errorf("saw %q, error %v; expected %q", got, err, want)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := nameFromPS(os.Getpid()); err == nil {
		t.Error("no error without ps")
	}
}
