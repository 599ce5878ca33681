package reports

import (
	"fmt"
	"testing"

	"squall/sim/measure"
)

func TestFigureWords(t *testing.T) {
	for _, c := range []struct{ why, name, want string }{
		{"a share, with a floor", "accept p99", "map[compared:a difference counts from 15 %, and 1 ms " +
			"conditions:steady and stop can ask for it while a trial goes unit:milliseconds, less is better]"},
		{"points", "error rate", "map[compared:a difference counts from 0.5 points " +
			"conditions:steady and stop can ask for it while a trial goes unit:share, less is better]"},
		{"in its own unit", "recovery", "map[compared:a difference counts from 2 s unit:seconds, less is better]"},
		{"a share", "throughput", "map[compared:a difference counts from 3 % unit:per second, more is better]"},
		{"not compared", "memory", "map[unit:bytes, less is better]"},
		{"neither is better", "requests", "map[conditions:steady and stop can ask for it while a trial goes unit:count]"},
	} {
		f, ok := measure.FigureNamed(c.name)
		if got := fmt.Sprint(FigureWords(f)); !ok || got != c.want {
			t.Errorf("%s: saw %s\nexpected %s", c.why, got, c.want)
		}
	}
}
