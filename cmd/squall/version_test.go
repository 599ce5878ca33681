package main

import (
	"bytes"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersionOf(t *testing.T) {
	revision := func(id, modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: id}, {Key: "vcs.modified", Value: modified}}
	}
	for _, c := range []struct {
		why, stamp, module string
		settings           []debug.BuildSetting
		want               string
	}{
		{"the stamp comes before all else", "v1.2.0-3-gfaebab6", "v1.1.0", revision("0123456789abcdef", "false"), "v1.2.0-3-gfaebab6"},
		{"go install squall@v1.2.0 has the module's version", "", "v1.2.0", nil, "v1.2.0"},
		{"go build in a clone has the revision", "", "(devel)", revision("0123456789abcdef", "false"), "0123456789ab"},
		{"a changed tree says so", "", "", revision("0123456789abcdef", "true"), "0123456789ab-dirty"},
		{"a short revision is taken whole", "", "", revision("01234567", "false"), "01234567"},
		{"go build -buildvcs=false leaves nothing", "", "(devel)", nil, "(devel)"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.module}, Settings: c.settings}
		if got := versionOf(c.stamp, info); got != c.want {
			t.Errorf("%s: saw %q, expected %q", c.why, got, c.want)
		}
	}
}

func TestVersionFlag(t *testing.T) {
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetArgs([]string{"--version"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	if want := "squall version " + version() + "\n"; out.String() != want || !strings.Contains(want, "(go1.") {
		t.Errorf("saw %q, expected %q", out.String(), want)
	}
}
