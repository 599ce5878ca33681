package run

import "testing"

func TestImpossibleMoments(t *testing.T) {
	second := int64(1e9)
	for _, c := range []struct {
		why             string
		at, opened, now int64
		trouble         bool
	}{
		{"between start and reading", 5 * second, 4 * second, 6 * second, false},
		{"read at once", 5 * second, 4 * second, 5 * second, false},
		{"older than its process", 3 * second, 4 * second, 6 * second, true},
		{"of the future", 7 * second, 4 * second, 6 * second, true},
		{"no moment at all", 0, 4 * second, 6 * second, true},
	} {
		if got := impossible(c.at, c.opened, c.now); (got != "") != c.trouble {
			t.Errorf("%s: %q", c.why, got)
		}
	}
}
