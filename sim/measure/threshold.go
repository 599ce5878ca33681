package measure

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"squall/sim"
)

// ParseAlpha reads a probability, such as 0.002 or 0.2%.
func ParseAlpha(text string) (float64, error) {
	x, err := ParseShare(text)
	if err != nil || x <= 0 || x >= 1 {
		return 0, fmt.Errorf("saw %q, expected a probability between 0 and 1", text)
	}
	return x, nil
}

// ParseMinEffect reads the least difference that matters in a figure: a duration,
// such as 3s, for one in seconds, which is returned, and a share for all others,
// such as 20% or 0.2.
func ParseMinEffect(f sim.Figure, text string) (float64, error) {
	if f.Kind == sim.KindSeconds {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("saw %q, expected a duration such as 3s", text)
		}
		return d.Seconds(), nil
	}
	x, err := ParseShare(text)
	if err != nil || !(x >= 0 && x <= 1000) {
		return 0, fmt.Errorf("saw %q, expected a share such as 20%%", text)
	}
	return x, nil
}

// ParseShare reads 20% or 0.2, of any size; an error is about the form alone.
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := strconv.ParseFloat(number, 64)
	if percent {
		x /= 100
	}
	return x, err
}
