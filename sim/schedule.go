package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// Schedule is every request of a trial before it is sent: when it is due and
// what it orders. It depends on the scenario and its seed alone, so all
// variants and repeats meet the same.
type Schedule struct {
	At     []time.Duration // offsets from the start of the first phase, rising
	Orders []Order
}

// Order is what one request asks for.
type Order struct {
	SKU    int32
	Qty    int32
	Amount int32 // cents
}

// Digest identifies the schedule: SHA-256 over each request's time and order.
func (s *Schedule) Digest() string {
	h := sha256.New()
	var b [20]byte
	for i, at := range s.At {
		o := s.Orders[i]
		binary.BigEndian.PutUint64(b[0:], uint64(at))
		binary.BigEndian.PutUint32(b[8:], uint32(o.SKU))
		binary.BigEndian.PutUint32(b[12:], uint32(o.Qty))
		binary.BigEndian.PutUint32(b[16:], uint32(o.Amount))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// OrderID returns the id of the order of request seq.
func OrderID(seq int) string { return fmt.Sprintf("o-%07d", seq) }

// Trace returns the W3C trace context of request seq: the same in every
// variant, so that one order's path can be laid beside the other's.
func Trace(seed uint64, seq int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d", seed, seq))
	return "00-" + hex.EncodeToString(sum[:16]) + "-" + hex.EncodeToString(sum[16:24]) + "-01"
}
