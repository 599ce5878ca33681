package proc

import (
	"os/exec"
	"syscall"
)

const (
	// childNice is the niceness of the children: when the machine is full, the
	// generator must still keep its schedule, or nothing that is measured means
	// anything. For the same reason harnessNice is that of squall itself.
	childNice   = 5
	harnessNice = -5
)

// startGroup starts cmd in a process group of its own, with the children's
// niceness. It needs nothing of the operating system but POSIX: when the harness
// dies, the child's standard input ends; and a child that is stopped then is in
// an orphaned process group, to which the kernel sends SIGHUP and SIGCONT.
func startGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	// An error is of a child that has ended already.
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, cmd.Process.Pid, childNice)
	return nil
}
