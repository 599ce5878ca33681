package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"squall/sim"
)

// Set is a choice of servers that has a name.
type Set struct {
	Name     string
	Summary  string
	Backends []string // one of each role
}

// sets has the sets in the order in which they are tried when nobody chooses.
var sets = []Set{
	{"container", "RabbitMQ and MariaDB in containers; needs a container engine and the images", []string{"rabbitmq", "mariadb"}},
	{"embedded", "JetStream as a child process of squall, SQLite files; needs nothing installed", []string{"jetstream", "sqlite"}},
}

// Sets returns the choices that have names.
func Sets() []Set { return slices.Clone(sets) }

// Auto has squall choose: the first set whose servers can be started.
const Auto = "auto"

// Choice is one broker and one database that were chosen and are not started
// yet.
type Choice struct {
	// Reason says why these, where squall chose; "" where a person did.
	Reason   string
	set      string // name; "" where the servers were chosen one by one
	backends []Backend
	options  Options
}

// Name is the text from which Parse makes the same choice.
func (c Choice) Name() string { return cmp.Or(c.set, strings.Join(names(c.backends), ",")) }

// Backend returns the backend that was chosen for a role.
func (c Choice) Backend(role string) Backend {
	for _, b := range c.backends {
		if b.Role == role {
			return b
		}
	}
	return Backend{}
}

// Parse reads the name of a set, or the names of a broker and a database in any
// order, such as "rabbitmq,sqlite". An error tells every problem.
func Parse(text string) (Choice, error) {
	c, problems := parse(text)
	if len(problems) > 0 {
		return Choice{}, fmt.Errorf("backing %q: %s; expected %s", text, strings.Join(problems, "; "), expected())
	}
	return c, nil
}

// Choose reads the same, or "auto" (the same as ""), which takes the first set
// whose servers can be started and says in Reason why. An error is one of the
// text.
func Choose(ctx context.Context, text string, o Options) (Choice, error) {
	return choose(ctx, text, o, findImages)
}

// imageFinder finds the images of servers in containers, by role.
type imageFinder func(ctx context.Context, backends []Backend, o Options) (map[string]string, error)

func choose(ctx context.Context, text string, o Options, find imageFinder) (c Choice, err error) {
	o.Say = once(o.Say)
	o.Images = maps.Clone(o.Images)
	if text != "" && text != Auto {
		c, problems := parse(text)
		if len(problems) > 0 {
			return Choice{}, fmt.Errorf("backing %q: %s; expected %s", text, strings.Join(problems, "; "), expected(Auto))
		}
		c.options = o
		return c, nil
	}
	var why []string
	for _, s := range sets {
		c, _ = parse(s.Name) // a test holds the sets to it
		c.options = o
		images, err := find(ctx, c.backends, o)
		if err != nil {
			why = append(why, err.Error())
			continue
		}
		if len(images) > 0 { // those that were found need not be looked for again
			c.options.Images, c.Reason = images, "an engine answers and has the images"
		}
		break
	}
	if len(why) > 0 {
		c.Reason = strings.Join(why, "; ")
	}
	return c, nil
}

// expected says what a choice looks like; words are put before the names of sets.
func expected(words ...string) string {
	for _, s := range sets {
		words = append(words, s.Name)
	}
	var roles, example []string
	for _, role := range sim.Roles() {
		of := names(Of(role))
		roles = append(roles, fmt.Sprintf("a %s (%s)", role, strings.Join(of, ", ")))
		example = append(example, of[0])
	}
	return fmt.Sprintf("%s, or %s, such as %s", strings.Join(words, ", "), strings.Join(roles, " and "), strings.Join(example, ","))
}

// parse returns everything that is wrong with the text of a choice.
func parse(text string) (c Choice, problems []string) {
	for _, s := range sets {
		if s.Name == text {
			c.set = s.Name
			text = strings.Join(s.Backends, ",")
			break
		}
	}
	byRole := map[string][]Backend{}
	known := 0
	for word := range strings.SplitSeq(text, ",") {
		b, ok := registry[strings.TrimSpace(word)]
		if !ok {
			problems = append(problems, unknown(strings.TrimSpace(word)))
			continue
		}
		known++
		byRole[b.Role] = append(byRole[b.Role], b)
	}
	if known == 0 {
		return c, problems // what else is missing follows from that
	}
	for _, role := range sim.Roles() {
		switch found := byRole[role]; len(found) {
		case 0:
			problems = append(problems, "it names no "+role)
		case 1:
			c.backends = append(c.backends, found[0])
		default:
			problems = append(problems, fmt.Sprintf("it names %d servers as the %s, %s", len(found), role, strings.Join(names(found), " and ")))
		}
	}
	for _, s := range sets { // the same servers under their own names
		if slices.Equal(names(c.backends), s.Backends) {
			c.set = s.Name
		}
	}
	return c, problems
}

// unknown says why a word of a choice is not the name of a backend.
func unknown(word string) string {
	isSet := slices.ContainsFunc(sets, func(s Set) bool { return s.Name == word })
	switch {
	case isSet || word == Auto:
		return word + " stands alone"
	case word == "":
		return "a name is empty"
	}
	return fmt.Sprintf("no server is named %q", word)
}

// once returns a function that says each text only once.
func once(say func(string)) func(string) {
	said := map[string]bool{}
	return func(text string) {
		if say != nil && !said[text] {
			said[text] = true
			say(text)
		}
	}
}

// Start starts the servers; nodes is how many nodes the broker is to have. After
// an error nothing is left of them.
func (c Choice) Start(ctx context.Context, nodes int) (sim.Backing, error) {
	if len(c.backends) == 0 {
		return nil, errors.New("start servers: none was chosen")
	}
	o := c.options
	o.Nodes = max(1, nodes)
	s, err := start(ctx, c.backends, o)
	if err != nil {
		return nil, err
	}
	s.info.Name, s.info.Reason = c.Name(), c.Reason
	return s, nil
}

// Start starts the server alone; see Choice.Start.
func (b Backend) Start(ctx context.Context, o Options) (sim.Backing, error) {
	return Choice{backends: []Backend{b}, options: o}.Start(ctx, o.Nodes)
}
