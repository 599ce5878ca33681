package service

import (
	"context"
	"hash/fnv"
	"math"
	"time"
)

// Work is how long an order's work takes: log-normal with this median and 99th
// percentile, or the median for every order when P99 is not above it.
type Work struct {
	Median, P99 time.Duration
}

// z99 is the standard normal distribution's 99th percentile.
const z99 = 2.3263478740408408

// Sample returns the duration at quantile u (0 < u < 1): exp(mu + sigma*z(u))
// with mu = ln(median) and sigma = ln(p99/median)/z(0.99).
func (w Work) Sample(u float64) time.Duration {
	if w.Median <= 0 || w.P99 <= w.Median {
		return w.Median
	}
	sigma := math.Log(float64(w.P99)/float64(w.Median)) / z99
	z := math.Sqrt2 * math.Erfinv(2*u-1)
	return time.Duration(float64(w.Median) * math.Exp(sigma*z))
}

// draw returns a number in (0,1) that depends on its arguments alone, so that the
// same thing happens to an order in every variant and repeat.
func draw(seed uint64, purpose, id string) float64 {
	h := fnv.New64a()
	var s [8]byte
	for i := range s {
		s[i] = byte(seed >> (8 * i))
	}
	h.Write(s[:])
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(id))
	x := h.Sum64()
	// splitmix64's finalizer: FNV alone leaves similar ids close together.
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return fraction(x ^ x>>31)
}

// fraction maps a number to (0,1): to the middle of one of 2^52 equal parts,
// which a float64 holds exactly, so that neither end is reached by rounding.
func fraction(x uint64) float64 { return (float64(x>>12) + 0.5) / (1 << 52) }

// capacity bounds how many orders a process works on at once.
type capacity chan struct{}

// acquire waits for a free worker; release makes it free again.
func (c capacity) acquire(ctx context.Context) error {
	select {
	case c <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c capacity) release() { <-c }

// work waits for as long as the work of this service on an order takes.
func (p *process) work(ctx context.Context, orderID string) error {
	err := sleep(ctx, p.cfg.Work.Sample(draw(p.cfg.Seed, "work "+p.cfg.Service, orderID)))
	if err != nil {
		return err
	}
	return p.slowDown(ctx, orderID)
}

// sleep waits for d, or until ctx ends, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
