package scenarios

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"squall/sim/measure"
)

// maxRate bounds what a scenario may ask of the generator, per second.
const maxRate = 100_000

var errForm = errors.New("wrong form")

func parseWhole(s string) (int64, error) {
	return strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
}

// parseShare reads "1%" or "0.01".
func parseShare(s string) (float64, error) {
	v, err := measure.ParseShare(s)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, errForm
	}
	return v, nil
}

// parseRate reads "150/s" or "9000/m" as requests per second.
func parseRate(s string) (float64, error) {
	number, unit, ok := strings.Cut(strings.TrimSpace(s), "/")
	v, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || math.IsNaN(v) {
		return 0, errForm
	}
	switch unit {
	case "s":
	case "m":
		v /= 60
	case "h":
		v /= 3600
	default:
		return 0, errForm
	}
	if v < 0 || v > maxRate {
		return 0, errForm
	}
	return v, nil
}

// bandwidthUnits are bytes.
var bandwidthUnits = map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}

// parseBandwidth reads "64KB/s" as bytes per second.
func parseBandwidth(s string) (float64, error) {
	amount, ok := strings.CutSuffix(strings.TrimSpace(s), "/s")
	number := strings.TrimRight(amount, "BKMG")
	unit, known := bandwidthUnits[amount[len(number):]]
	v, err := strconv.ParseFloat(number, 64)
	if !ok || !known || err != nil || !(v*unit >= 1 && v*unit <= 1e12) {
		return 0, errForm
	}
	return v * unit, nil
}

// parseRamp reads "150/s" or "150/s..900/s".
func parseRamp(s string) (from, to float64, err error) {
	a, b, ramp := strings.Cut(s, "..")
	if from, err = parseRate(a); err != nil || !ramp {
		return from, from, err
	}
	to, err = parseRate(b)
	return from, to, err
}

// parseZipf reads "uniform" as 0 and "zipf 1.1" as 1.1.
func parseZipf(s string) (float64, error) {
	if s == "uniform" {
		return 0, nil
	}
	number, ok := strings.CutPrefix(s, "zipf ")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !ok || err != nil || !(v > 0 && v <= 10) {
		return 0, errForm
	}
	return v, nil
}

func until(d, limit time.Duration) bool { return d > 0 && d <= limit }
