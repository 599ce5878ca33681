package proc

import (
	"os"
	"strconv"
	"strings"
)

// Hardware returns the processor's name, the memory in bytes and the kernel's
// release; what the system does not tell is "" or 0.
func Hardware() (cpu string, memory int64, kernel string) {
	cpu = field("/proc/cpuinfo", "model name")
	if kib, ok := strings.CutSuffix(field("/proc/meminfo", "MemTotal"), " kB"); ok {
		n, _ := strconv.ParseInt(strings.TrimSpace(kib), 10, 64) // the kernel writes a number
		memory = n << 10
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = strings.TrimSpace(string(b))
	}
	return cpu, memory, kernel
}

// field returns the first value of a "key : value" file, "" if there is none.
func field(path, key string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
