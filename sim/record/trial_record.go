package record

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"squall/sim"
)

// TrialRecord is what the history and the audit of one trial say: a record for each
// order, and what there is to know of the trial besides. Every check and measure
// works on it.
type TrialRecord struct {
	Start  int64          // of the first phase, CLOCK_MONOTONIC, ns
	End    int64          // of the trial: the last event
	Orders []*OrderRecord // by first appearance
	Stock  map[int]*StockRecord
	Faults map[int]*FaultRecord // by the fault's number
	Load   map[string]float64   // the generator's report
	Series []sim.Event          // gauges and resource samples, in order
	Deaths []sim.Event          // processes that died unasked
	// Unmetered says when readings of resources failed, and how many.
	Unmetered []sim.Event
	Left      map[string]float64 // what the drain left, when it met its deadline
	Audited   bool               // every service's records are complete
	Drained   bool
	Trouble   sim.Reasons // why its figures are in doubt
	Messages  sim.MessageCounts

	Routing Routing

	byID      map[string]*OrderRecord
	words     map[string]string // each word that is kept for an order, once
	probes    sim.Probes
	probeSeed uint64
}

// NewTrialRecord returns an empty record, to be filled by Add and AddAudit.
func NewTrialRecord() *TrialRecord {
	return &TrialRecord{
		Stock: map[int]*StockRecord{}, Faults: map[int]*FaultRecord{}, Load: map[string]float64{},
		byID: map[string]*OrderRecord{}, words: map[string]string{}, Routing: newRouting(),
	}
}

// ReadTrial reads a trial's two files. An audit that cannot be read in full is
// trouble and no error. faults is how many the scenario has: one that left no trace
// is unknown.
func ReadTrial(history, audit string, faults int) (*TrialRecord, error) {
	rec := NewTrialRecord()
	for n := range faults {
		rec.fault(n + 1)
	}
	cut, err := readFile(history, func(e sim.Event) error { rec.Add(e); return nil })
	if err != nil {
		return nil, fmt.Errorf("read history %s: %w", history, err)
	}
	if cut != nil {
		rec.Trouble = append(rec.Trouble, sim.Reason{Kind: sim.ReasonHistory, Text: "the history breaks off before its end: " + cut.Error()})
	}
	cut, err = readFile(audit, func(e sim.Event) error { rec.AddAudit(e); return nil })
	if err = cmp.Or(err, cut); err != nil {
		rec.noAudit(filepath.Base(audit), err)
	}
	rec.Finish()
	return rec, nil
}

// noAudit says why the final records cannot be read in full. Where the history
// tells already why the trial has none, a file that is missing is no news.
func (rec *TrialRecord) noAudit(file string, err error) {
	known := !rec.Audited && len(rec.Trouble) > 0
	rec.Audited = false
	if !known || !errors.Is(err, fs.ErrNotExist) {
		rec.Trouble = append(rec.Trouble, sim.Reason{Kind: sim.ReasonAudit, Text: "the audit could not be read: " + file + ": " + err.Error()})
	}
}

// Finish derives what needs all events and records. It is called once, after the
// last of them.
func (rec *TrialRecord) Finish() {
	for _, o := range rec.Orders {
		if o.Reservation == sim.ReservationHeld {
			rec.stock(o.SKU).Held += o.Qty
		}
	}
	slices.SortStableFunc(rec.Orders, func(a, b *OrderRecord) int { return cmp.Compare(a.ID, b.ID) })
}

func (rec *TrialRecord) order(id string) *OrderRecord {
	o := rec.byID[id]
	if o == nil {
		o = &OrderRecord{ID: id}
		rec.byID[id] = o
		rec.Orders = append(rec.Orders, o)
	}
	return o
}

// share replaces the few words that every order's record has by one copy of each,
// so that a million orders do not keep a million copies.
func (rec *TrialRecord) share(e sim.Event) sim.Event {
	for _, s := range []*string{&e.To, (*string)(&e.Outcome)} {
		if *s == "" {
			continue
		}
		w, known := rec.words[*s]
		if !known {
			w = *s
			rec.words[w] = w
		}
		*s = w
	}
	return e
}

func (rec *TrialRecord) stock(sku int) *StockRecord {
	s := rec.Stock[sku]
	if s == nil {
		s = &StockRecord{SKU: sku}
		rec.Stock[sku] = s
	}
	return s
}

// trouble notes what an event says against the trial's figures.
func (rec *TrialRecord) trouble(e sim.Event, kind sim.ReasonKind, what string) {
	if e.Detail != "" {
		what += ": " + e.Detail
	}
	rec.Trouble = append(rec.Trouble, sim.Reason{Kind: kind, Text: what})
}

// Add takes one event of the history.
func (rec *TrialRecord) Add(e sim.Event) {
	e = rec.share(e)
	rec.End = max(rec.End, e.At)
	rec.addProbed(e)
	switch e.Kind {
	case sim.TrialStart:
		rec.Start = e.At
		rec.probes, rec.probeSeed = probesOf(e)
	case sim.ClientResponse:
		o := rec.order(e.Order)
		o.Requested, o.Seq, o.Intended, o.Sent, o.Answered = true, e.Seq, e.Intended, e.Sent, e.At
		o.Status, o.Outcome = e.Status, e.Outcome
	case sim.LoadReport:
		rec.Load = e.Values
	case sim.Gauges, sim.ResourceSample:
		rec.Series = append(rec.Series, e)
	case sim.ResourcesFailed, sim.ResourcesMissed:
		rec.Unmetered = append(rec.Unmetered, e)
	case sim.ProcessDied:
		rec.Deaths = append(rec.Deaths, e)
	case sim.DrainDone:
		rec.Drained = true
	case sim.DrainDeadline:
		rec.Left = e.Values
	case sim.AuditDone:
		rec.Audited = true
	case sim.AuditFailed:
		rec.trouble(e, sim.ReasonAudit, "the audit could not be read")
	case sim.ClockTrouble:
		rec.trouble(e, sim.ReasonClock, "the clock of "+e.Src+" cannot be trusted")
	case sim.TrialInterrupted:
		rec.trouble(e, sim.ReasonInterrupted, "the trial was interrupted")
	case sim.SteadyFailed:
		rec.trouble(e, sim.ReasonSteady, "the steady state was not there before the first fault")
	case sim.StopMet:
		rec.trouble(e, sim.ReasonStop, "a stop condition was met")
	case sim.MessageDup:
		rec.Messages.Duplicates++
	case sim.MessageRetried:
		rec.Messages.Retries++
	case sim.MessageParked:
		rec.Messages.Parked++
	case sim.MessageRefused:
		rec.Messages.Refused++
	case sim.FaultInjected, sim.FaultFailed, sim.FaultHealed, sim.FaultEvidence, sim.FaultNone:
		rec.addFault(e)
	case sim.ClientRead: // see addProbed; a read commits nothing
	default:
		if e.Order != "" {
			rec.commit(rec.order(e.Order), e.At)
			if sim.StateTold(e.Kind).Terminal() {
				rec.order(e.Order).TerminalAt = e.At
			}
		}
	}
}

func (rec *TrialRecord) commit(o *OrderRecord, at int64) { o.LastCommit = max(o.LastCommit, at) }

// AddAudit takes one record of the audit. Its moments were taken inside the
// transaction; they are used where the event that follows the commit was lost,
// because its process was killed.
func (rec *TrialRecord) AddAudit(e sim.Event) {
	e = rec.share(e)
	switch e.Kind {
	case sim.AuditOrder:
		o := rec.order(e.Order)
		o.Created, o.State, o.SKU, o.Qty = e.At, sim.State(e.To), e.SKU, e.Qty
	case sim.AuditTransition:
		o := rec.order(e.Order)
		if o.Steps == nil {
			o.Steps = make([]Step, 0, 5) // as many as an order has that goes well
		}
		o.Steps = append(o.Steps, NewStep(sim.State(e.From), sim.State(e.To), e.At))
		rec.commit(o, e.At)
		if sim.State(e.To).Terminal() && o.TerminalAt == 0 {
			o.TerminalAt = e.At
		}
	case sim.AuditStock:
		s := rec.stock(e.SKU)
		s.Initial, s.OnHand, s.Logged, s.Lowest = e.Initial, e.Qty, e.Initial, e.Initial
	case sim.AuditReservation:
		o := rec.order(e.Order)
		o.Reservation, o.SKU, o.Qty = e.To, e.SKU, e.Qty
		if e.To != sim.ReservationRejected {
			o.HeldAt = e.At
		}
		rec.commit(o, e.At)
	case sim.AuditStockChange:
		s := rec.stock(e.SKU)
		s.Logged += e.Qty
		if s.Logged < s.Lowest {
			s.Lowest, s.LowestOrder = s.Logged, e.Order
		}
		if e.Qty > 0 {
			rec.order(e.Order).ReleasedAt = e.At
		}
	case sim.AuditPayment:
		o := rec.order(e.Order)
		o.Payment = e.To
		rec.commit(o, e.At)
	case sim.AuditLedger:
		o := rec.order(e.Order)
		if e.To == sim.PaymentCaptured {
			if o.Captures++; o.CapturedAt == 0 {
				o.CapturedAt = e.At
			}
		} else {
			o.Declines++
		}
	case sim.AuditShipment:
		o := rec.order(e.Order)
		o.Shipment, o.ShippedAt = e.To, e.At
		rec.commit(o, e.At)
	case sim.AuditBinding, sim.AuditOutbox, sim.AuditHandled, sim.AuditParked:
		rec.addMessage(e)
	}
}
