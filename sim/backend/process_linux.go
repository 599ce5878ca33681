package backend

import (
	"os"
	"strconv"
	"strings"
)

// processName returns the first 15 bytes of the name of a process's program.
func processName(pid int) (string, error) {
	name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	return strings.TrimSpace(string(name)), err
}
