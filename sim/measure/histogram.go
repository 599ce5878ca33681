package measure

import (
	"github.com/HdrHistogram/hdrhistogram-go"

	"squall/sim"
)

// The range of latencies that a histogram holds, in microseconds, and its
// precision: three significant figures, so an error under 0.1 %.
const (
	lowest  = 1
	highest = int64(3600) * 1_000_000
	digits  = 3
)

// histogram is a distribution of latencies.
type histogram struct{ h *hdrhistogram.Histogram }

func newHistogram() histogram { return histogram{hdrhistogram.New(lowest, highest, digits)} }

// add takes a duration in nanoseconds.
func (h histogram) add(ns int64) {
	us := min(max((ns+500)/1000, lowest), highest)
	_ = h.h.RecordValue(us) // in range, so it cannot fail
}

// quantile returns a latency in milliseconds; q is in percent.
func (h histogram) quantile(q float64) float64 { return float64(h.h.ValueAtQuantile(q)) / 1e3 }

// latency returns the distribution's figures, with the histogram itself so
// that distributions can be added up later.
func (h histogram) latency() sim.Latency {
	l := sim.Latency{Count: h.h.TotalCount()}
	if l.Count == 0 {
		return l
	}
	l.P50, l.P90, l.P99, l.P999 = h.quantile(50), h.quantile(90), h.quantile(99), h.quantile(99.9)
	l.Max, l.Mean = float64(h.h.Max())/1e3, h.h.Mean()/1e3
	if b, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase); err == nil {
		l.Packed = string(b)
	}
	return l
}

// sum adds up distributions by their histograms.
func sum(parts []sim.Latency) sim.Latency {
	total := newHistogram()
	for _, p := range parts {
		merge(total, p.Packed)
	}
	return total.latency()
}

// merge adds a packed histogram; "" is an empty one.
func merge(into histogram, packed string) {
	if packed == "" {
		return
	}
	if h, err := hdrhistogram.Decode([]byte(packed)); err == nil {
		into.h.Merge(h)
	}
}

// MergePacked adds up two packed histograms; "" is an empty one.
func MergePacked(a, b string) string {
	total := newHistogram()
	merge(total, a)
	merge(total, b)
	return total.latency().Packed
}
