package link

import "net/netip"

// connections counts the open connections that a listening address has accepted,
// as the kernel shows them.
func connections(addr string) (int, error) {
	want, err := netip.ParseAddrPort(addr)
	if err != nil {
		return 0, err
	}
	return established(want)
}
