package squall

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"squall/sim"
	"squall/sim/check"
	"squall/sim/measure"
	"squall/sim/record"
)

// What the synthetic trials are made of: the events of an order that goes well,
// the services that handle its messages, and what resources are sampled of.
var (
	orderEvents = []string{
		"order.created", "stock.reserved", "order.reserved", "payment.captured",
		"order.paid", "shipment.sent", "order.shipped", sim.OrderDelivered,
	}
	handlers       = []string{"inventory", "payment", "shipping", "orders", "orders"}
	sampledSources = []string{
		"broker", "database", "orders-1", "orders-2", "inventory-1", "inventory-2",
		"payment-1", "payment-2", "shipping-1", "shipping-2", "provider-1",
	}
)

// synthesise writes the history and audit of a good asynchronous trial of n
// orders, and returns how many events they hold.
func synthesise(b *testing.B, dir string, n int) (history, audit string, events int) {
	b.Helper()
	history, audit = filepath.Join(dir, "history"), filepath.Join(dir, "audit")
	open := func(path string) func(sim.Event) {
		h, err := record.CreateHistory(path)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = os.Remove(path) })
		return func(e sim.Event) {
			events++
			if e.Kind == sim.TrialEnd {
				if err := h.Close(); err != nil {
					b.Fatal(err)
				}
				return
			}
			if err := h.Write(e); err != nil {
				b.Fatal(err)
			}
		}
	}
	say, record := open(history), open(audit)
	say(sim.Event{At: 1, Kind: sim.TrialStart, Detail: "async"})
	record(sim.Event{Kind: sim.AuditStock, SKU: 1, Initial: int64(n), Qty: 0}) // before its changes
	types := []string{"order.created", "stock.reserved", "payment.captured", "order.shipped", "order.delivered"}
	for i, typ := range types {
		record(sim.Event{Kind: sim.AuditBinding, Src: handlers[i], Message: typ})
	}
	states := []string{"", "CREATED", "RESERVED", "PAID", "SHIPPED", "DELIVERED"}
	for i := range n {
		id, at := sim.OrderID(i), int64(i+1)*int64(time.Millisecond)
		say(sim.Event{
			At: at + 5e6, Src: "client", Kind: sim.ClientResponse, Order: id, Seq: i, Intended: at, Sent: at,
			Status: 202, Outcome: sim.OutcomeOK,
		})
		for k, kind := range orderEvents {
			say(sim.Event{At: at + int64(k+1)*1e6, Src: "orders-1", Kind: kind, Order: id})
		}
		record(sim.Event{Kind: sim.AuditOrder, Order: id, SKU: 1, Qty: 1, To: "DELIVERED", At: at})
		for k := 1; k < len(states); k++ {
			record(sim.Event{Kind: sim.AuditTransition, Order: id, From: states[k-1], To: states[k], At: at + int64(k)*1e6})
			record(sim.Event{Kind: sim.AuditOutbox, Src: "orders", Order: id, Message: id + ":" + types[k-1], To: "sent"})
			record(sim.Event{Kind: sim.AuditHandled, Src: handlers[k-1], Order: id, Message: id + ":" + types[k-1]})
		}
		record(sim.Event{Kind: sim.AuditReservation, Order: id, SKU: 1, Qty: 1, To: "held", At: at + 1e6})
		record(sim.Event{Kind: sim.AuditStockChange, Order: id, SKU: 1, Qty: -1, At: at + 1e6})
		record(sim.Event{Kind: sim.AuditLedger, Order: id, Key: id, Amount: 5, To: "captured", At: at + 2e6})
		record(sim.Event{Kind: sim.AuditShipment, Order: id, To: "delivered", At: at + 3e6})
	}
	sampled(say, n/1000)
	end := int64(n+1000) * int64(time.Millisecond)
	say(sim.Event{At: end, Kind: sim.LoadReport, Values: map[string]float64{"planned": float64(n), "sent": float64(n)}})
	say(sim.Event{At: end, Kind: sim.DrainDone})
	say(sim.Event{At: end, Kind: sim.AuditDone})
	say(sim.Event{At: end, Kind: sim.TrialEnd})
	record(sim.Event{Kind: sim.TrialEnd})
	return history, audit, events
}

// sampled says, for every second, what each process used and where orders waited.
func sampled(say func(sim.Event), seconds int) {
	for s := range seconds {
		at, x := int64(s+1)*int64(time.Second), float64(s)
		for i, src := range sampledSources {
			say(sim.Event{At: at, Src: src, Kind: sim.ResourceSample, Values: map[string]float64{
				"cpu_s": x*0.1 + 0.01*math.Sin(x+float64(i)), "rss_bytes": 3e7 + 1e6*math.Sin(x/10+float64(i)),
			}})
		}
		say(sim.Event{At: at, Kind: sim.Gauges, Values: map[string]float64{
			"inflight": 10 + 5*math.Sin(x), "outbox": 20 + 9*math.Sin(x/3), "queue.inventory": 30 + 20*math.Sin(x/7),
			"queue.payment": 8 + 7*math.Sin(x/5), "unacked": 40 + 3*math.Sin(x/2),
		}})
	}
}

// BenchmarkJudge reads, checks and measures trials of more and more orders: the
// time an order takes must not grow with their number.
func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("orders=%d", n), func(b *testing.B) {
			history, audit, events := synthesise(b, b.TempDir(), n)
			sc := sim.Scenario{Load: sim.Load{Phases: []sim.Phase{{Name: "all", For: time.Duration(n) * time.Millisecond, From: 1000, To: 1000}}}}
			defer frugal()()
			peak := watchHeap(b)
			for b.Loop() {
				rec, err := record.ReadTrial(history, audit, 0)
				if err != nil {
					b.Fatal(err)
				}
				r := measure.Trial("async-1", sc, rec, check.Judge(rec))
				if r.Verdict != sim.Pass {
					b.Fatalf("verdict %s: %v", r.Verdict, r.Reasons)
				}
			}
			b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(n*b.N), "us/order")
			b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MiB")
		})
	}
}

// watchHeap keeps the largest heap that was seen, taken every few milliseconds.
func watchHeap(b *testing.B) *atomic.Uint64 {
	var peak atomic.Uint64
	tick := time.NewTicker(20 * time.Millisecond)
	b.Cleanup(tick.Stop)
	runtime.GC()
	go func() {
		for range tick.C {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapInuse > peak.Load() {
				peak.Store(m.HeapInuse)
			}
		}
	}()
	return &peak
}
