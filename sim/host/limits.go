package host

import (
	"syscall"

	"squall/sim/proc"
)

// OpenFiles is how many files this process may have open: the hard limit, up to
// which a Go program raises its own. It is an error where the system does not tell.
func OpenFiles() (uint64, error) {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	return uint64(l.Cur), err
}

// RaisePriority raises squall's own priority, where it may: when the machine is
// full the generator must run first, or its lateness would be measured in place of
// the system.
func RaisePriority() { proc.RaisePriority() }

// Features lists what squall uses of the operating system, and what is used in the
// place of what this one lacks.
func Features() []proc.Feature { return proc.Features() }
