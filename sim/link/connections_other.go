//go:build !linux

package link

import (
	"context"
	"fmt"
	"net/netip"
	"os/exec"
	"time"
)

// netstatTime bounds one run of netstat.
const netstatTime = 5 * time.Second

// established asks netstat(1), which needs no privileges on macOS.
func established(local netip.AddrPort) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), netstatTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "netstat", "-an", "-f", "inet", "-p", "tcp").Output()
	if err != nil {
		return 0, fmt.Errorf("netstat: %w", err)
	}
	return countNetstat(string(out), local)
}
