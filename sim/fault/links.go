package fault

import (
	"context"
	"errors"
	"time"

	"squall/sim"
)

// roundTripTime bounds one exchange over a link.
const roundTripTime = 5 * time.Second

// shapable is a link whose traffic can be made worse.
type shapable interface {
	sim.Proxy
	sim.Shaper
}

// measurable is one that counts what crosses it, too.
type measurable interface {
	shapable
	sim.Counted
}

// cuttable is a link whose connections can be ended.
type cuttable interface {
	sim.Proxy
	sim.Cutter
}

// carry makes one exchange over each link; the error says which do not carry.
func carry[L sim.Proxy](ctx context.Context, links []L) error {
	var errs []error
	for _, l := range links {
		trip, cancel := context.WithTimeout(ctx, roundTripTime)
		_, err := l.RoundTrip(trip)
		cancel()
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// openProbes opens a connection over each link. Those that were opened are
// returned with an error, too, to be closed.
func openProbes[L sim.Proxy](ctx context.Context, links []L) (all []sim.ProbeConn, err error) {
	for _, l := range links {
		opening, cancel := context.WithTimeout(ctx, roundTripTime)
		p, err := l.OpenProbe(opening)
		cancel()
		if err != nil {
			return all, err
		}
		all = append(all, p)
	}
	return all, nil
}
