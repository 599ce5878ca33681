package sim

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCapabilitiesAreDescribedOnce(t *testing.T) {
	seen := map[Capability]bool{}
	for _, c := range CapabilityList() {
		if seen[c.Name] || c.Meaning == "" || c.has == nil || !slices.Contains([]string{TargetProcess, TargetLink, TargetServer}, c.Of) {
			t.Errorf("%q is described twice, or not fully: %+v", c.Name, c)
		}
		if c.Name.Of() != c.Of {
			t.Errorf("%s is of %q, expected %q", c.Name, c.Name.Of(), c.Of)
		}
		if area, _, dotted := strings.Cut(string(c.Name), "."); !dotted || area == "" {
			t.Errorf("%s has no area before a dot", c.Name)
		}
		seen[c.Name] = true
	}
	if of := Capability("tea.make").Of(); of != "" {
		t.Errorf("a capability that there is not is of %q", of)
	}
}

// bareProcess, bareLink and bareControl can do nothing beyond what each must.
type bareProcess struct{}

func (bareProcess) Name() string    { return "a-1" }
func (bareProcess) Service() string { return "a" }
func (bareProcess) Addr() string    { return "" }

type bareLink struct{}

func (bareLink) Name() string                                     { return "a->b" }
func (bareLink) RoundTrip(context.Context) (time.Duration, error) { return 0, nil }
func (bareLink) OpenProbe(context.Context) (ProbeConn, error)     { return nil, nil }

type bareControl struct{}

func (bareControl) Down(context.Context, bool) (string, error) { return "", nil }
func (bareControl) Up(context.Context) error                   { return nil }
func (bareControl) Answers(context.Context) error              { return nil }

func TestWhatCanBeDone(t *testing.T) {
	pausable := struct {
		bareProcess
		Pauser
		Stopper
	}{}
	injecting := struct {
		bareControl
		MessageInjector
	}{}
	addrs := []string{"127.0.0.1:1"}
	for _, c := range []struct {
		why  string
		can  []Capability
		want []Capability
	}{
		{"a process that promises nothing", ProcessCan(bareProcess{}), nil},
		{"a process with two interfaces", ProcessCan(pausable), []Capability{ProcessStop, ProcessPause}},
		{"a link that promises nothing is a link", LinkCan(bareLink{}), []Capability{NetworkLink}},
		{"a link that can be cut", LinkCan(struct {
			bareLink
			Cutter
		}{}), []Capability{NetworkLink, NetworkCut}},
		{"files: no address and no control", ServerCan(Server{}), nil},
		{"a server that nobody can bring down", ServerCan(Server{Addrs: addrs}), []Capability{NetworkLink}},
		{"a server with a control", ServerCan(Server{Addrs: addrs, Control: bareControl{}}), []Capability{NetworkLink, ServerRestart}},
		{"a broker that takes messages", ServerCan(Server{Addrs: addrs, Control: injecting}),
			[]Capability{NetworkLink, ServerRestart, QueueInject}},
	} {
		if !slices.Equal(c.can, c.want) {
			t.Errorf("%s: %v, expected %v", c.why, c.can, c.want)
		}
	}
}
