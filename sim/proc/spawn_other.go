//go:build !linux

package proc

import (
	"os/exec"
	"syscall"
)

// start starts cmd in a process group of its own. Without a parent-death
// signal a child learns of the harness's end by its standard input alone.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd.Start()
}
