package proc

import (
	"runtime"
	"strings"
	"testing"
)

func TestFeaturesOfEachSystem(t *testing.T) {
	for _, system := range []string{"linux", "darwin"} {
		seen := map[string]bool{}
		for _, f := range featuresOf(system) {
			if f.Name == "" || f.Use == "" || seen[f.Name] {
				t.Errorf("%s: feature %+v has no name or use, or is there twice", system, f)
			}
			seen[f.Name] = true
			if f.Here != (system == "linux") || f.Here != (f.How != "") || f.Here && f.Instead != "" {
				t.Errorf("%s: feature %+v contradicts itself", system, f)
			}
			for _, part := range []string{f.Name, f.Use, f.How, f.Instead} {
				if !strings.Contains(f.String(), part) {
					t.Errorf("%q lacks %q", f, part)
				}
			}
		}
	}
	if got, want := len(Features()), len(featuresOf(runtime.GOOS)); got != want || got == 0 {
		t.Errorf("%d features here, %d of %s", got, want, runtime.GOOS)
	}
}

func TestRefuse(t *testing.T) {
	for _, c := range []struct {
		why, system string
		needs       []string
		says        []string // nil: nothing is refused
	}{
		{"Linux has them all", "linux", []string{EndWithParent, ProcessUsage, ProcessState, ProcessSockets, Pacing, LinkConnections}, nil},
		{"something is used instead", "darwin", []string{ProcessUsage, ProcessState, LinkConnections}, nil},
		{"nothing is used instead", "darwin", []string{ProcessState, ProcessSockets}, []string{"darwin", ProcessSockets, "max_connections"}},
		{"a name with a slip", "linux", []string{"process.stat"}, []string{`"process.stat"`}},
		{"nothing is needed", "darwin", nil, nil},
	} {
		err := refuse(featuresOf(c.system), c.system, c.needs)
		if (err == nil) != (c.says == nil) {
			t.Errorf("%s: error %v, expected one that has %q", c.why, err, c.says)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", c.why, err, part)
			}
		}
		if err != nil && strings.Contains(err.Error(), ProcessState) && c.system == "darwin" {
			t.Errorf("%s: %q names what is there", c.why, err)
		}
	}
}
