//go:build !linux

package proc

import "golang.org/x/sys/unix"

// Hardware returns the processor's name, the memory in bytes and the kernel's
// release, by their names on macOS; what the system does not tell is "" or 0.
func Hardware() (cpu string, memory int64, kernel string) {
	cpu, _ = unix.Sysctl("machdep.cpu.brand_string")
	if n, err := unix.SysctlUint64("hw.memsize"); err == nil {
		memory = int64(n)
	}
	kernel, _ = unix.Sysctl("kern.osrelease")
	return cpu, memory, kernel
}
