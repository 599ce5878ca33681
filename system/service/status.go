package service

import (
	"context"
	"net/http"

	"squall/system/broker"
	"squall/system/store"
)

// Status is the body of GET /status. Shared gauges are the same whichever
// replica is asked; local ones belong to the replica and are added up.
type Status struct {
	Shared map[string]int64 `json:"shared"`
	Local  map[string]int64 `json:"local"`
}

func (p *process) serveStatus(w http.ResponseWriter, req *http.Request) {
	s, err := p.status(req.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	answer(w, http.StatusOK, s)
}

// status counts what the service has not finished.
func (p *process) status(ctx context.Context) (Status, error) {
	s := Status{Shared: map[string]int64{}, Local: map[string]int64{"inflight": p.inflight.Load()}}
	if p.broker == nil {
		return s, nil
	}
	err := p.db.View(ctx, func(tx *store.Tx) (err error) {
		s.Shared["outbox"], err = tx.Unsent()
		return err
	})
	if err != nil {
		return s, err
	}
	names := []string{p.cfg.Service}
	if p.role.reportsParked {
		names = append(names, broker.Parked, broker.Retry)
	}
	depths, err := p.broker.Depths(ctx, names...)
	if err != nil {
		return s, err
	}
	for name, d := range depths {
		if name != p.cfg.Service {
			s.Shared[name] = d.Ready
			continue
		}
		s.Shared["queue"] = d.Ready
		if d.Unacked >= 0 { // the broker counts them
			s.Shared["unacked"] = d.Unacked
		} else {
			s.Local["unacked"] = p.unacked.Load()
		}
	}
	return s, nil
}
