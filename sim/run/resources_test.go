package run

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"squall/sim"
)

// script is a source whose readings are given: nil succeeds.
type script struct{ errs []error }

func (s *script) Resources() (sim.Resources, error) {
	err := s.errs[0]
	s.errs = s.errs[1:]
	return sim.Resources{RSS: 7}, err
}

// TestFailedReadingsAreTold: once when they begin to fail, and again, with their
// number, when they no longer do or the trial ends.
func TestFailedReadingsAreTold(t *testing.T) {
	cut, other := errors.New("stream cut"), errors.New("other")
	gone := fmt.Errorf("read: %w", os.ErrProcessDone)
	for _, c := range []struct {
		why     string
		errs    []error
		excused []int // the readings that are expected to fail
		want    string
	}{
		{"all succeed", []error{nil, nil}, nil, "resources, resources"},
		{"a failure between two readings", []error{nil, cut, nil}, nil,
			"resources, resources.failed stream cut, resources.missed 1, resources"},
		{"told once while it lasts", []error{cut, other, cut, nil}, nil, "resources.failed stream cut, resources.missed 3, resources"},
		{"told again when it comes again", []error{cut, nil, other, nil}, nil,
			"resources.failed stream cut, resources.missed 1, resources, resources.failed other, resources.missed 1, resources"},
		{"still failing at the end", []error{nil, cut, cut}, nil, "resources, resources.failed stream cut, resources.missed 2"},
		{"killed and started again", []error{nil, gone, gone, nil}, nil, "resources, resources"},
		{"a fault holds the server", []error{nil, cut, cut, nil}, []int{1, 2}, "resources, resources"},
		{"and it does not come back", []error{nil, cut, cut}, []int{1}, "resources, resources.failed stream cut, resources.missed 1"},
	} {
		var told []string
		n := 0
		m := meters{missed: map[string]int{}, write: func(e sim.Event) {
			text := e.Kind
			if e.Src != "broker" {
				text += " of " + e.Src
			}
			if e.Detail != "" {
				text += " " + e.Detail
			}
			if e.Kind == sim.ResourcesMissed {
				text += fmt.Sprintf(" %.0f", e.Values["readings"])
			}
			told = append(told, text)
		}, excused: func(string) bool {
			for _, i := range c.excused {
				if i == n {
					return true
				}
			}
			return false
		}}
		source := &script{c.errs}
		for n = range c.errs {
			m.read("broker", source)
		}
		m.close()
		if got := strings.Join(told, ", "); got != c.want {
			t.Errorf("%s: told %s\nexpected %s", c.why, got, c.want)
		}
	}
}
