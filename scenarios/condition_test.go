package scenarios

import (
	"testing"

	"squall/sim"
)

func TestHolds(t *testing.T) {
	figures := &sim.VariantResult{Accept: sim.Accept{OK: 9, Info: 1, ErrorRate: 0.1, Latency: sim.Latency{Count: 10, P99: 40}}}
	for _, c := range []struct {
		why, text string
		figures   *sim.VariantResult
		want      sim.Verdict
	}{
		{"it holds", "async.accept.p99 < 50ms", figures, sim.Pass},
		{"it does not", "async.accept.error_rate < 5%", figures, sim.Fail},
		{"nothing was seen yet", "async.accept.p99 < 50ms", &sim.VariantResult{}, sim.Unknown},
	} {
		got := Evaluate([]string{c.text}, c.figures)
		if len(got) != 1 || got[0].Verdict != c.want || got[0].Detail == "" {
			t.Errorf("%s: %+v, expected %s", c.why, got, c.want)
		}
	}
}
