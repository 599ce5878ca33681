package measure

import (
	"errors"
	"fmt"
	"time"

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
	b, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil { // cannot be: the encoding is one that it knows, and goes into memory
		panic("measure: encode a histogram: " + err.Error())
	}
	l.Packed = string(b)
	return l
}

// merge adds a packed histogram; "" is an empty one. An error means that nothing,
// or not all of it, was added.
func (h histogram) merge(packed string) error {
	if packed == "" {
		return nil
	}
	other, err := hdrhistogram.Decode([]byte(packed))
	if err != nil {
		return fmt.Errorf("decode a histogram: %w", err)
	}
	if lost := h.h.Merge(other); lost > 0 {
		return fmt.Errorf("decode a histogram: %d of its %d values are beyond %s",
			lost, other.TotalCount(), time.Duration(highest)*time.Microsecond)
	}
	return nil
}

// MergePacked adds up two packed histograms; "" is an empty one.
func MergePacked(a, b string) (string, error) {
	total := newHistogram()
	if err := errors.Join(total.merge(a), total.merge(b)); err != nil {
		return "", err
	}
	return total.latency().Packed, nil
}
