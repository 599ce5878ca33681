package link

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"strings"
)

// established is the state of an open connection in /proc/net/tcp.
const established = "01"

// connections counts the connections that a listening address has accepted and that
// are open, as the kernel tells; 0 where it does not.
func connections(addr string) (n int) {
	want, err := netip.ParseAddrPort(addr)
	if err != nil {
		return 0
	}
	f, err := os.Open("/proc/net/tcp")
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }() // only read
	ip := want.Addr().As4()
	// The kernel prints the address as a number in the machine's byte order.
	local := fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(ip[:]), want.Port())
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 3 && fields[1] == local && fields[3] == established {
			n++
		}
	}
	return n
}
