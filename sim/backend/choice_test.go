package backend

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"squall/sim"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		why, text string
		broker    string
		database  string
		name      string
		err       string // what it must say, with bars between
	}{
		{why: "a set", text: "container", broker: "rabbitmq", database: "mariadb", name: "container"},
		{why: "the other set", text: "embedded", broker: "jetstream", database: "sqlite", name: "embedded"},
		{why: "one of each", text: "rabbitmq,sqlite", broker: "rabbitmq", database: "sqlite", name: "rabbitmq,sqlite"},
		{why: "the other order, which is no other choice", text: "mariadb, jetstream",
			broker: "jetstream", database: "mariadb", name: "jetstream,mariadb"},
		{why: "a set by its servers", text: "mariadb,rabbitmq", broker: "rabbitmq", database: "mariadb", name: "container"},
		{why: "nobody is called so", text: "cloud",
			err: `backing "cloud": no server is named "cloud"; expected container, embedded, or a broker (jetstream, rabbitmq) and` +
				` a database (mariadb, sqlite), such as jetstream,mariadb`},
		{why: "a broker alone", text: "rabbitmq", err: "it names no database|a database (mariadb, sqlite), such as jetstream,mariadb"},
		{why: "two brokers and no database", text: "rabbitmq,jetstream",
			err: "it names 2 servers as the broker, rabbitmq and jetstream; it names no database; expected"},
		{why: "every problem is told", text: "rabbitmq,cloud,sqlite,mariadb,",
			err: `no server is named "cloud"; a name is empty; it names 2 servers as the database, sqlite and mariadb; expected`},
		{why: "the same twice", text: "sqlite,sqlite,jetstream", err: "it names 2 servers as the database, sqlite and sqlite"},
		{why: "a set is no server", text: "container,sqlite", err: "container stands alone"},
		{why: "auto needs an engine to be asked", text: "auto", err: "auto stands alone|expected container, embedded"},
		{why: "nothing", text: "", err: "a name is empty"},
	} {
		got, err := Parse(c.text)
		if c.err == "" {
			broker, database := got.Backend(sim.RoleBroker).Name, got.Backend(sim.RoleDatabase).Name
			if err != nil || broker != c.broker || database != c.database || got.Name() != c.name {
				t.Errorf("%s: %s: %s (%v), error %v, expected %s", c.why, c.text, got.Name(), names(got.backends), err, c.name)
			}
			again, err := Parse(got.Name())
			if err != nil || !slices.Equal(names(again.backends), names(got.backends)) {
				t.Errorf("%s: %s is read back as %v, %v", c.why, got.Name(), names(again.backends), err)
			}
			continue
		}
		for part := range strings.SplitSeq(c.err, "|") {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q: error %v, expected one that says %q", c.why, c.text, err, part)
			}
		}
	}
	if b := (Choice{}).Backend(sim.RoleBroker); b.Name != "" {
		t.Errorf("a choice of nothing has the broker %s", b.Name)
	}
}

func TestChoose(t *testing.T) {
	gone := errors.New("no container engine answers")
	found := map[string]string{sim.RoleBroker: "a:1"}
	for _, c := range []struct {
		why, text string
		images    map[string]string // that are found
		err       error             // of looking for them
		name      string
		reason    string
		taken     string // image of the broker that the start is told of
	}{
		{"the engine has the images", "auto", found, nil, "container", "an engine answers and has the images", "a:1"},
		{"nothing is said", "", found, nil, "container", "an engine answers and has the images", "a:1"},
		{"there is no engine", "auto", nil, gone, "embedded", gone.Error(), "own:1"},
		{"a person chooses", "jetstream,mariadb", nil, gone, "jetstream,mariadb", "", "own:1"},
	} {
		var asked []string
		find := func(_ context.Context, backends []Backend, o Options) (map[string]string, error) {
			asked = append(asked, strings.Join(names(backends), ","))
			if !inContainers(backends) {
				return nil, nil
			}
			return c.images, c.err
		}
		own := map[string]string{sim.RoleBroker: "own:1"}
		got, err := choose(t.Context(), c.text, Options{Images: own}, find)
		if err != nil || got.Name() != c.name || got.Reason != c.reason || got.options.Images[sim.RoleBroker] != c.taken {
			t.Errorf("%s: %s because %q with images %v, error %v", c.why, got.Name(), got.Reason, got.options.Images, err)
		}
		if c.reason == "" && len(asked) > 0 {
			t.Errorf("%s: it looked for the images of %v", c.why, asked)
		}
		if own[sim.RoleBroker] != "own:1" {
			t.Errorf("%s: it changed the caller's images", c.why)
		}
	}
	_, err := Choose(t.Context(), "cloud", Options{})
	if err == nil || !strings.Contains(err.Error(), "expected auto, container, embedded, or a broker") {
		t.Errorf("error %v, expected one that names all choices", err)
	}
	if _, err := (Choice{}).Start(t.Context(), 1); err == nil {
		t.Error("a choice of nothing was started")
	}
}

// TestEachTextIsSaidOnce: looking for images and starting them says the same.
func TestEachTextIsSaidOnce(t *testing.T) {
	var said []string
	find := func(_ context.Context, _ []Backend, o Options) (map[string]string, error) {
		o.Say("pulling a:1")
		return nil, errors.New("no")
	}
	c, err := choose(t.Context(), "auto", Options{Say: func(s string) { said = append(said, s) }}, find)
	if err != nil {
		t.Fatal(err)
	}
	c.options.Say("pulling a:1")
	c.options.Say("pulling b:1")
	if !slices.Equal(said, []string{"pulling a:1", "pulling b:1"}) {
		t.Errorf("said %q", said)
	}
}

func TestSetsAreChoices(t *testing.T) {
	for _, s := range Sets() {
		c, err := Parse(s.Name)
		if err != nil || c.Name() != s.Name || s.Summary == "" {
			t.Errorf("set %s: %v, %v", s.Name, c.Name(), err)
		}
		if _, err := Find(s.Name); err == nil || s.Name == Auto {
			t.Errorf("set %s has the name of a backend, or is called auto", s.Name)
		}
	}
}

func TestEveryBackendSaysWhatItIs(t *testing.T) {
	for _, b := range All() {
		if b.Summary == "" || b.start == nil || !slices.Contains(sim.Roles(), b.Role) ||
			!slices.Contains([]string{ByContainer, ByChild, ByFiles}, b.Provided) ||
			(b.Provided == ByContainer) != (b.Images() != Images{}) || strings.ContainsAny(b.Name, ", ") || b.Name == Auto {
			t.Errorf("%s is not fully described: %+v", b.Name, b)
		}
		if found, err := Find(b.Name); err != nil || found.Name != b.Name {
			t.Errorf("found %s, %v", found.Name, err)
		}
	}
	if _, err := Find("cloud"); err == nil || !strings.Contains(err.Error(), "expected one of jetstream, rabbitmq, mariadb, sqlite") {
		t.Errorf("error %v", err)
	}
}
