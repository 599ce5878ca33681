package proc

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// spawner starts processes from one operating system thread that lives as long
// as the harness: the parent-death signal is tied to the thread that forked,
// and Go ends threads when it likes.
var spawner = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		// What the thread starts inherits this. An error leaves the children with
		// the harness's own niceness: lowering one's priority is always allowed.
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), childNice)
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

// RaisePriority raises the priority of this process, where it may: only root
// may. Every thread has one of its own, and new ones inherit it from those that
// make them.
func RaisePriority() {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return // /proc is not mounted
	}
	for _, t := range threads {
		if id, err := strconv.Atoi(t.Name()); err == nil {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, harnessNice)
		}
	}
}
