package link

import (
	"net/netip"
	"strings"
	"testing"
)

// As macOS prints it: both ends of a connection over the loopback interface, and
// further columns in later releases.
const netstatText = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.15432        127.0.0.1.49701        ESTABLISHED
tcp4       0      0  127.0.0.1.49701        127.0.0.1.15432        ESTABLISHED
tcp4     320      0  127.0.0.1.15432        127.0.0.1.49702        ESTABLISHED            0            0  131072  131072
tcp4       0      0  127.0.0.1.15432        127.0.0.1.49650        TIME_WAIT
tcp4       0      0  127.0.0.1.15432        127.0.0.1.49651        CLOSE_WAIT
tcp4       0      0  127.0.0.1.15432        *.*                    LISTEN
tcp4       0      0  127.0.0.1.1543         127.0.0.1.49703        ESTABLISHED
tcp46      0      0  *.15433                *.*                    LISTEN
tcp6       0      0  ::1.15432              ::1.49704              ESTABLISHED
`

func TestCountNetstat(t *testing.T) {
	heading, _, _ := strings.Cut(netstatText, "tcp4")
	for _, c := range []struct {
		why, text, addr string
		n               int
		bad             bool
	}{
		{"only what is open and accepted here counts", netstatText, "127.0.0.1:15432", 2, false},
		{"a port that begins like another", netstatText, "127.0.0.1:1543", 1, false},
		{"the other end is an address, too", netstatText, "127.0.0.1:49701", 1, false},
		{"one that listens only", netstatText, "127.0.0.1:15433", 0, false},
		{"no connections at all", heading, "127.0.0.1:15432", 0, false},
		{"no table", "netstat: sysctl: net.inet.tcp.pcblist: not permitted\n", "127.0.0.1:15432", 0, true},
		{"nothing", "", "127.0.0.1:15432", 0, true},
	} {
		n, err := countNetstat(c.text, netip.MustParseAddrPort(c.addr))
		if n != c.n || c.bad != (err != nil) {
			t.Errorf("%s: %d, error %v; expected %d", c.why, n, err, c.n)
		}
	}
}
