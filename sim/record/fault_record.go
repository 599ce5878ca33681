package record

import "squall/sim"

// FaultRecord is what happened to one fault. Its moments are CLOCK_MONOTONIC, ns.
type FaultRecord struct {
	Number           int
	Planned          int64 // when the injection was due
	Begun            int64 // when it was begun
	Injected, Healed int64 // 0: never
	HealPlanned      int64
	HealBegun        int64
	Evidence         sim.Evidence
	NotApplicable    bool
	Failed           []string
}

func (rec *TrialRecord) fault(n int) *FaultRecord {
	f := rec.Faults[n]
	if f == nil {
		f = &FaultRecord{Number: n, Evidence: sim.Evidence{Verdict: sim.Unknown, Text: "none was recorded"}}
		rec.Faults[n] = f
	}
	return f
}

func (rec *TrialRecord) addFault(e sim.Event) {
	f := rec.fault(e.Fault)
	switch e.Kind {
	case sim.FaultInjected:
		f.Injected, f.Planned, f.Begun = e.At, e.Planned, e.Sent
	case sim.FaultFailed:
		f.Failed = append(f.Failed, e.Detail)
	case sim.FaultHealed:
		f.Healed, f.HealPlanned, f.HealBegun = e.At, e.Planned, e.Sent
	case sim.FaultEvidence:
		f.Evidence = sim.Evidence{Verdict: e.Verdict, Text: e.Detail, Values: e.Values}
	case sim.FaultNone:
		f.NotApplicable = true
		f.Evidence = sim.Evidence{Verdict: sim.Pass, Text: "not applicable: " + e.Detail}
	}
}
