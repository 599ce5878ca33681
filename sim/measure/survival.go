package measure

import (
	"errors"

	"github.com/HdrHistogram/hdrhistogram-go"

	"squall/sim"
)

// survival is a distribution of times of which some are only known to be longer
// than what was seen: they are right-censored.
//
// Its quantiles are those of the product-limit estimator (Kaplan and Meier,
// Nonparametric Estimation from Incomplete Observations, JASA 53, 1958):
//
//	S(t) = product over times u <= t of (1 - d(u)/n(u))
//
// with d(u) the events at u and n(u) the observations of at least u; at equal
// times events come before censorings. The quantile q is the smallest t with
// S(t) <= 1-q. It works on the buckets of the histograms, so its precision is
// theirs, and so that distributions of several trials add up.
type survival struct{ events, censored histogram }

func newSurvival() survival { return survival{newHistogram(), newHistogram()} }

func (s survival) add(ns int64, censored bool) {
	if censored {
		s.censored.add(ns)
	} else {
		s.events.add(ns)
	}
}

// step is one time at which something was seen, in microseconds.
type step struct {
	at             int64
	events, losses int64
}

// steps merges the two histograms, by rising time.
func (s survival) steps() []step {
	var all []step
	events, losses := bars(s.events), bars(s.censored)
	for len(events) > 0 || len(losses) > 0 {
		switch {
		case len(losses) == 0 || len(events) > 0 && events[0].To < losses[0].To:
			all = append(all, step{events[0].To, events[0].Count, 0})
			events = events[1:]
		case len(events) == 0 || losses[0].To < events[0].To:
			all = append(all, step{losses[0].To, 0, losses[0].Count})
			losses = losses[1:]
		default:
			all = append(all, step{events[0].To, events[0].Count, losses[0].Count})
			events, losses = events[1:], losses[1:]
		}
	}
	return all
}

func bars(h histogram) (filled []hdrhistogram.Bar) {
	for _, b := range h.h.Distribution() {
		if b.Count > 0 {
			filled = append(filled, b)
		}
	}
	return filled
}

// quantile returns the smallest time, in microseconds, by which a share q of all
// has happened. When that share was never reached it returns the longest time
// seen, and false: the true value is at least that.
func (s survival) quantile(steps []step, q float64) (us int64, reached bool) {
	atRisk := s.events.h.TotalCount() + s.censored.h.TotalCount()
	alive := 1.0
	for _, st := range steps {
		if st.events > 0 {
			alive *= 1 - float64(st.events)/float64(atRisk)
			// Products of floats miss a round number by a little.
			if alive <= 1-q+1e-12 {
				return st.at, true
			}
		}
		atRisk -= st.events + st.losses
		us = st.at
	}
	return us, false
}

// convergence returns the distribution's figures.
func (s survival) convergence() sim.Convergence {
	c := sim.Convergence{Latency: s.events.latency(), Censored: int(s.censored.h.TotalCount())}
	if c.Censored == 0 {
		return c
	}
	c.CensoredPacked = s.censored.latency().Packed
	c.Count += int64(c.Censored)
	steps := s.steps()
	for _, quantile := range []struct {
		name sim.Statistic
		q    float64
		into *float64
	}{{sim.P50, 0.5, &c.P50}, {sim.P90, 0.9, &c.P90}, {sim.P99, 0.99, &c.P99}, {sim.P999, 0.999, &c.P999}} {
		us, reached := s.quantile(steps, quantile.q)
		*quantile.into = float64(us) / 1e3
		if !reached {
			c.AtLeast = append(c.AtLeast, quantile.name)
		}
	}
	c.Max = max(c.Max, float64(s.censored.h.Max())/1e3)
	c.Mean = (c.Mean*float64(s.events.h.TotalCount()) + s.censored.h.Mean()/1e3*float64(c.Censored)) / float64(c.Count)
	c.AtLeast = append(c.AtLeast, sim.Max, sim.Mean)
	return c
}

// merge adds a distribution by its histograms.
func (s survival) merge(c sim.Convergence) error {
	return errors.Join(s.events.merge(c.Packed), s.censored.merge(c.CensoredPacked))
}
