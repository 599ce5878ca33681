package measure

import (
	"time"

	"squall/sim"
	"squall/sim/record"
)

// normalSeconds is how many seconds before a fault show what is normal, and
// normalMargin by which factor a latency may exceed that and count as normal again.
const (
	normalSeconds = 5
	normalMargin  = 1.1
)

// recovery computes how long after the heal of each fault its effects were gone, in
// whole seconds:
//
//	backlog: until the backlog is no larger than it ever was in the five
//	         seconds before the fault
//	latency: until two seconds in a row have an accept p99 within 10 % of the
//	         highest in the five seconds before the fault
//
// A figure is missing where the trial ended first, or began with the fault.
func recovery(rec *record.TrialRecord, sc sim.Scenario, s sim.Series) []sim.Recovery {
	var all []sim.Recovery
	for i, f := range sc.Faults {
		fact := rec.Faults[i+1]
		if fact == nil || fact.Injected == 0 || fact.Healed == 0 || fact.NotApplicable {
			continue
		}
		r := sim.Recovery{Fault: i + 1, Name: f.Kind + " " + f.Target}
		from, healed := second(rec, fact.Begun), second(rec, fact.Healed)
		total := s.Backlog["total"]
		backlog := func(i int) (float64, bool) { return at(total, i) }
		p99 := func(i int) (float64, bool) {
			v, ok := at(s.AcceptP99, i)
			if !ok || v == nil {
				return 0, false
			}
			return *v, true
		}
		if level, ok := ceiling(backlog, from-normalSeconds, from); ok {
			r.BacklogS = after(healed, len(total), func(i int) bool { v, ok := backlog(i); return ok && v <= level })
		}
		if level, ok := ceiling(p99, from-normalSeconds, from); ok {
			r.LatencyS = after(healed, len(s.AcceptP99), func(i int) bool {
				a, ok := p99(i)
				b, also := p99(i + 1)
				return ok && also && max(a, b) <= normalMargin*level
			})
		}
		all = append(all, r)
	}
	return all
}

func second(rec *record.TrialRecord, at int64) int { return int((at - rec.Start) / int64(time.Second)) }

func at[T any](values []T, i int) (v T, ok bool) {
	if i < 0 || i >= len(values) {
		return v, false
	}
	return values[i], true
}

// ceiling is the largest value in the seconds from (included) to (excluded).
func ceiling(value func(int) (float64, bool), from, to int) (level float64, ok bool) {
	for i := max(0, from); i < to; i++ {
		if v, there := value(i); there {
			level, ok = max(level, v), true
		}
	}
	return level, ok
}

// after returns how many seconds after the heal a condition first holds.
func after(healed, end int, holds func(int) bool) *float64 {
	for i := healed; i < end; i++ {
		if holds(i) {
			s := float64(i - healed)
			return &s
		}
	}
	return nil
}

// convergedAfter is how long after the last heal the last of the orders that
// were due before it had its last commit.
func convergedAfter(rec *record.TrialRecord) *float64 {
	var healed, last int64
	for _, f := range rec.Faults {
		healed = max(healed, f.Healed)
	}
	if healed == 0 {
		return nil
	}
	for _, o := range rec.Orders {
		if o.Requested && o.Intended < healed {
			last = max(last, o.LastCommit)
		}
	}
	s := float64(max(0, last-healed)) / 1e9
	return &s
}
