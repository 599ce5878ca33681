package fault

import (
	"context"
	"errors"
	"strings"
	"time"

	"squall/sim"
)

// roundTripTime bounds one exchange over a link.
const roundTripTime = 5 * time.Second

// linkNames lists links.
func linkNames(proxies []sim.Proxy) string {
	var all []string
	for _, p := range proxies {
		all = append(all, p.Name())
	}
	return strings.Join(all, ", ")
}

// carry makes one exchange over each link; the error says which do not carry.
func carry(ctx context.Context, proxies []sim.Proxy) error {
	var errs []error
	for _, p := range proxies {
		trip, cancel := context.WithTimeout(ctx, roundTripTime)
		_, err := p.RoundTrip(trip)
		cancel()
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// openProbes opens a connection over each link. Those that were opened are
// returned with an error, too, to be closed.
func openProbes(ctx context.Context, proxies []sim.Proxy) (all []sim.ProbeConn, err error) {
	for _, p := range proxies {
		opening, cancel := context.WithTimeout(ctx, roundTripTime)
		w, err := p.OpenProbe(opening)
		cancel()
		if err != nil {
			return all, err
		}
		all = append(all, w)
	}
	return all, nil
}
