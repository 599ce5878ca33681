package record

import (
	"strconv"
	"time"

	"squall/sim"
)

// Probed is what is known of an order that probes have read.
type Probed struct {
	Reads []Read
	Told  map[sim.State]int64 // when the commit of a state was told, CLOCK_MONOTONIC, ns
}

// Read is one read of an order's state; State is "" when it was not there.
type Read struct {
	Asked, Answered int64
	State           sim.State
}

// addProbed takes what the history says of an order that was chosen for probes.
func (rec *TrialRecord) addProbed(e sim.Event) {
	if rec.probes.Share == 0 || e.Order == "" || !rec.probes.Chosen(rec.probeSeed, e.Order) {
		return
	}
	o := rec.order(e.Order)
	if o.Probed == nil {
		o.Probed = &Probed{Told: map[sim.State]int64{}}
	}
	if e.Kind == sim.ClientRead {
		if e.Outcome == sim.OutcomeOK {
			o.Probed.Reads = append(o.Probed.Reads, Read{e.Sent, e.At, sim.State(e.To)})
		}
		return
	}
	if state := sim.StateTold(e.Kind); state != "" && o.Probed.Told[state] == 0 {
		o.Probed.Told[state] = e.At
	}
}

// ProbeSettings puts the probes into the event that begins a trial, and probesOf
// reads them back: a history can be judged without run.json.
func ProbeSettings(p sim.Probes, seed uint64, e *sim.Event) {
	e.Values = map[string]float64{"probe_share": p.Share, "probe_every_ms": float64(p.Every) / 1e6}
	e.Key = strconv.FormatUint(seed, 10)
}

func probesOf(e sim.Event) (p sim.Probes, seed uint64) {
	seed, _ = strconv.ParseUint(e.Key, 10, 64) // absent in histories without probes
	return sim.Probes{Share: e.Values["probe_share"], Every: time.Duration(e.Values["probe_every_ms"] * 1e6)}, seed
}
