//go:build !linux

package proc

import (
	"os/exec"
	"syscall"
)

// start starts cmd in a process group of its own. Without a parent-death signal
// a child learns of the harness's end by its standard input.
func start(cmd *exec.Cmd) error { return startGroup(cmd) }

// RaisePriority raises the priority of this process, where it may: only root
// may.
func RaisePriority() { syscall.Setpriority(syscall.PRIO_PROCESS, 0, harnessNice) }
