package variant

import (
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, c := range []struct{ why, name, says string }{
		{"one word", "sync", ""},
		{"two words", "sync-resilient", ""},
		{"three words", "async-shared-db", ""},
		{"digits", "grpc2-v3", ""},
		{"a reserved word is part of it", "fire-and-forget", ""},
		{"as long as a name may be", strings.Repeat("a", maxName), ""},
		{"too long for a schema's name", strings.Repeat("a", maxName+1), "33 characters; expected 32 at most"},
		{"no name", "", "lower-case letters"},
		{"upper case", "Sync", `saw "Sync"`},
		{"an underscore ends a figure's name in result.json", "sync_resilient", "lower-case letters"},
		{"a space", "sync resilient", "lower-case letters"},
		{"a dot divides the parts of a figure's name", "sync.v2", "lower-case letters"},
		{"a slash would make a folder", "sync/v2", "lower-case letters"},
		{"a digit first would read as a number", "2pc", "a letter first"},
		{"a dash first would read as a minus", "-sync", "a letter first"},
		{"a dash last", "sync-", "divided by one dash"},
		{"two dashes", "sync--v2", "divided by one dash"},
		{"a letter that is not ASCII", "sünc", "lower-case letters"},
		{"an operator of expectations", "and", "a word of the language of expectations"},
		{"a literal of expectations", "true", "a word of the language of expectations"},
	} {
		err := checkName(c.name)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %q is refused: %v", c.why, c.name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %q: saw the error %v; expected one that says %s", c.why, c.name, err, c.says)
		}
	}
}

func TestRegisterRefuses(t *testing.T) {
	for _, c := range []struct{ why, name, says string }{
		{"a name that is not legal", "Sync", "register variant: name of a variant"},
		{"a name that is taken", "sync", `saw a second one named "sync"`},
	} {
		t.Run(c.why, func(t *testing.T) {
			before := len(registry)
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, c.says) {
					t.Errorf("saw the panic %q; expected one that says %s", text, c.says)
				}
				if len(registry) != before {
					t.Errorf("%q was added all the same", c.name)
				}
			}()
			register(Wiring{Name: c.name})
		})
	}
}

func TestFind(t *testing.T) {
	if w, err := Find("async"); err != nil || w.Name != "async" {
		t.Errorf("saw %q, %v; expected async", w.Name, err)
	}
	if _, err := Find("asink"); err == nil || !strings.Contains(err.Error(), `saw "asink"; expected one of sync, async`) {
		t.Errorf("saw the error %v; expected one that lists the variants", err)
	}
}

// TestWirings holds each variant to what the rest of the program takes for
// granted: a link is between things that are there, and work has a way in.
func TestWirings(t *testing.T) {
	for _, w := range All() {
		ends := []string{"client", "database", "broker"}
		for _, p := range w.Processes {
			ends = append(ends, p.Service)
		}
		var links []string
		for _, l := range w.Links {
			links = append(links, l.Name())
			if !slices.Contains(ends, l.From) || !slices.Contains(ends, l.To) {
				t.Errorf("%s: the link %s has an end that does not exist; expected two of %v", w.Name, l.Name(), ends)
			}
			if (l.Env == "") != (l.From == "client") {
				t.Errorf("%s: the link %s has the variable %q; expected one for all but the client's", w.Name, l.Name(), l.Env)
			}
		}
		for _, p := range w.Processes {
			if !slices.Contains(links, w.Work[p.Service]) {
				t.Errorf("%s: work reaches %s over %q; expected one of %v", w.Name, p.Service, w.Work[p.Service], links)
			}
			if got := slices.Contains(links, p.Service+"->database"); got != p.Database {
				t.Errorf("%s: %s has a link to the database: %v; expected %v", w.Name, p.Service, got, p.Database)
			}
			if got := slices.Contains(links, p.Service+"->broker"); got != p.Broker {
				t.Errorf("%s: %s has a link to the broker: %v; expected %v", w.Name, p.Service, got, p.Broker)
			}
		}
		if !slices.Contains(links, "client->"+w.Ingress) {
			t.Errorf("%s: there is no link from the client to %q", w.Name, w.Ingress)
		}
	}
}
