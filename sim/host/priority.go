package host

import (
	"os"
	"strconv"
	"syscall"
)

// harnessNice is the niceness of squall itself: when the machine is full, the
// generator comes first, or nothing that is measured means anything.
const harnessNice = -5

// RaisePriority raises squall's own priority, where it may: every thread has one of
// its own, and new ones inherit it from those that make them.
func RaisePriority() {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return // not known here
	}
	for _, t := range threads {
		if id, err := strconv.Atoi(t.Name()); err == nil {
			syscall.Setpriority(syscall.PRIO_PROCESS, id, harnessNice) // only root may
		}
	}
}
