package link

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
)

// stateEstablished is the state of an open connection in /proc/net/tcp.
const stateEstablished = "01"

// established counts in /proc/net/tcp.
func established(local netip.AddrPort) (int, error) {
	f, err := os.Open("/proc/net/tcp")
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // only read
	return countProcNet(f, local)
}

func countProcNet(table io.Reader, local netip.AddrPort) (n int, err error) {
	ip := local.Addr().As4()
	// The kernel prints the address as a number in the machine's byte order.
	want := fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(ip[:]), local.Port())
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 3 && fields[1] == want && fields[3] == stateEstablished {
			n++
		}
	}
	return n, lines.Err()
}
