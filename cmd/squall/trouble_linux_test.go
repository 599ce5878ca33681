package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"squall"
)

// TestFullDisk: a run whose disk is full ends with a sentence, and what was
// recorded until then can be read elsewhere.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, 0) })
	write(t, dir, "trouble.yaml", troubleScenario)
	code, stdout, stderr := runSquall(t, dir, nil, "run", "trouble.yaml", "--backing", "embedded", "--out", "disk/run")
	said := true
	for _, part := range []string{"the history cannot be written any more: ", "no space left on device", "what was recorded is in disk/run"} {
		said = said && strings.Contains(stderr, part)
	}
	if code != squall.ExitBroken || !said {
		t.Errorf("exit code %d:\n%s%s", code, stdout, stderr)
	}
	nothingLeftOf(t, dir)
	if out, err := exec.Command("cp", "-r", filepath.Join(disk, "run"), filepath.Join(dir, "copy")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	code, stdout, stderr = runSquall(t, dir, nil, "check", "copy")
	if code != squall.ExitUnknown || !strings.Contains(stdout, "trouble: UNKNOWN") {
		t.Errorf("exit code %d of squall check:\n%s%s", code, stdout, stderr)
	}
}
