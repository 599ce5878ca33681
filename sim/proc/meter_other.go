//go:build !linux

package proc

import "squall/sim"

// read reads the use of resources of a process. Without /proc, ps tells.
func read(pid int) (sim.Resources, error) { return readPS(pid) }
