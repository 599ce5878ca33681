package host

import "syscall"

// OpenFiles is how many files this process may have open: the hard limit, up to
// which a Go program raises its own. It is an error where the system does not tell.
func OpenFiles() (uint64, error) {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	return uint64(l.Cur), err
}
