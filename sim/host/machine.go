package host

import (
	"runtime"

	"squall/sim"
	"squall/sim/proc"
)

// Describe says what machine this is, as far as the system tells.
func Describe() sim.Machine {
	m := sim.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()}
	m.CPU, m.MemoryB, m.Kernel = proc.Hardware()
	for _, f := range proc.Features() {
		if !f.Here {
			m.Differs = append(m.Differs, f.String())
		}
	}
	return m
}
