package proc

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// niceness of the children: when the machine is full, the generator must still
// keep its schedule, or nothing that is measured means anything.
const niceness = 5

// spawner starts processes from one operating system thread that lives as long
// as the harness: the parent-death signal is tied to the thread that forked,
// and Go ends threads when it likes.
var spawner = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		// What it starts inherits this.
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness) // best effort
		for job := range jobs {
			job()
		}
	}()
	return jobs
})

// start starts cmd in a process group of its own, to be killed by the kernel
// when the harness dies.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	done := make(chan error, 1)
	spawner() <- func() { done <- cmd.Start() }
	return <-done
}
