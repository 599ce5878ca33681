package sim

import "testing"

func TestConflict(t *testing.T) {
	s := System{
		Variant:   "v",
		Processes: []ProcessSpec{{Service: "a", Servers: []string{"broker"}}, {Service: "b", Servers: []string{"broker"}}},
		Links:     []LinkSpec{{"a", "b", ""}, {"a", "broker", ""}, {"b", "broker", ""}},
		Work:      map[string]string{"b": "a->b"},
		Queues:    []QueueSpec{{Service: "b"}},
	}
	kinds := map[string]FaultKind{
		"process": {Class: TargetProcess}, "link": {Class: TargetLink}, "server": {Class: TargetServer, Only: "broker"},
		"queue": {Class: TargetQueue, Server: "broker"}, "other": {Class: TargetProcess},
	}
	for _, c := range []struct {
		a, aim, b, at string
		want          string
	}{
		{"process", "a", "other", "a", "the processes of a"},
		{"process", "a", "other", "b", ""},
		{"link", "b", "link", "a->b", "the link a->b"},
		{"link", "broker", "link", "b->broker", "the link b->broker"},
		{"link", "a->b", "link", "broker", ""},
		{"server", "broker", "link", "b->broker", "the link b->broker"},
		{"server", "broker", "link", "b", ""},
		{"queue", "b", "server", "broker", "the broker"},
		{"process", "b", "link", "b", ""}, // a process may die behind a slow link
		{"process", "nobody", "other", "nobody", ""},
	} {
		got := Conflict(kinds, FaultSpec{Kind: c.a, Target: c.aim}, FaultSpec{Kind: c.b, Target: c.at}, []System{s})
		if got != c.want {
			t.Errorf("%s %s and %s %s: both take hold of %q, expected %q", c.a, c.aim, c.b, c.at, got, c.want)
		}
	}
}
