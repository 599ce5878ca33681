package main

import (
	"runtime"

	"squall/sim"
	"squall/sim/proc"
)

// machine describes where this runs, as far as the system tells.
func machine() sim.Machine {
	m := sim.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()}
	m.CPU, m.MemoryB, m.Kernel = proc.Hardware()
	return m
}
