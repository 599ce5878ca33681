//go:build !linux

package backend

// processName returns the name of a process's program.
func processName(pid int) (string, error) { return nameFromPS(pid) }
