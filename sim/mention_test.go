package sim

import (
	"slices"
	"testing"
)

func TestMentioned(t *testing.T) {
	for text, want := range map[string][]string{
		"async.accept.p99 < 50ms":                             {"async"},
		"sync.accept.error_rate > async.accept.error_rate":    {"sync", "async"},
		"(sync.accept.ok + async.accept.ok) > 0 && 1.5 < 2":   {"sync", "async"},
		"max(async.lag.convergence.p99, async.lag.p50) < 1.5": {"async"},
		"true": nil,
	} {
		if got := Mentioned(text); !slices.Equal(got, want) {
			t.Errorf("%s: %v, expected %v", text, got, want)
		}
	}
	if Mentions("async.accept.p99 < 50ms", "sync") {
		t.Error("async is taken for sync")
	}
}
