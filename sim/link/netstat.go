package link

import (
	"fmt"
	"net/netip"
	"strings"
)

// countNetstat counts the open connections of a local address in what BSD's and
// macOS's netstat -an prints: protocol, two queues, local address, foreign
// address and state, with a dot before the port.
func countNetstat(text string, local netip.AddrPort) (n int, err error) {
	want := fmt.Sprintf("%s.%d", local.Addr(), local.Port())
	listed := false
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) > 0 && fields[0] == "Proto" {
			listed = true
		}
		if len(fields) > 5 && strings.HasPrefix(fields[0], "tcp") && fields[3] == want && fields[5] == "ESTABLISHED" {
			n++
		}
	}
	if !listed {
		return 0, fmt.Errorf("netstat printed %.80q, expected a table of connections", text)
	}
	return n, nil
}
