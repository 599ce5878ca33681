package scenarios

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

// randomFaults is what a scenario says of faults that the seed draws: one of
// these kinds every so often, on a target and for a time that the seed decides.
type randomFaults struct {
	from              []string
	every             time.Duration
	shortest, longest time.Duration
	seed              uint64
}

// maxRandom is how many faults may be drawn: each is compared with all others.
const maxRandom = 10_000

// The bounds of what is drawn for settings that a fault must have.
const (
	leastDelay = 60 * time.Millisecond
	mostDelay  = 180 * time.Millisecond
	// The rate of a random bandwidth fault, in bytes per second: less than the
	// traffic of twenty orders a second.
	leastRate = 2_000
	mostRate  = 6_000
)

// random reads { from: [kill, pause], every: 5s, for: 1s..4s, seed: 7 } and adds
// its faults to the scenario. The same seed gives the same faults.
func (p *scenarioReader) random(n ast.Node) {
	s := randomFaults{seed: p.sc.Seed}
	ok := map[string]bool{}
	p.fields(n, "random", map[string]func(ast.Node){
		"from": func(n ast.Node) { s.from, ok["from"] = p.randomKinds(n) },
		"every": func(n ast.Node) {
			if s.every, ok["every"] = p.duration(n, "every"); ok["every"] && s.every < 100*time.Millisecond {
				p.complain(n, "every: saw %s, expected 100ms or more", s.every)
				ok["every"] = false
			} else if drawn := p.sc.Load.Duration() / max(1, s.every); ok["every"] && drawn > maxRandom {
				p.complain(n, "every: saw %s, which makes %d faults in %s, expected at most %d", s.every, drawn, p.sc.Load.Duration(), maxRandom)
				ok["every"] = false
			}
		},
		"for": func(n ast.Node) { s.shortest, s.longest, ok["for"] = p.span(n) },
		"seed": func(n ast.Node) {
			if v, good := p.whole(n, "seed", 0, 1<<62); good {
				s.seed = uint64(v)
			}
		},
	})
	for _, key := range []string{"from", "every", "for"} {
		if _, given := ok[key]; !given {
			p.complain(n, "random: it has no %s", key)
		}
	}
	if ok["from"] && ok["every"] && ok["for"] {
		p.sc.Faults = append(p.sc.Faults, p.draw(s)...)
	}
}

func (p *scenarioReader) randomKinds(n ast.Node) (kinds []string, ok bool) {
	ok = true
	for _, item := range p.list(n, "from") {
		name, good := p.text(item, "from")
		kind, known := p.catalog.Faults[name]
		switch {
		case good && !known:
			p.complain(item, "from: saw %q, expected kinds of faults: %s", name, p.kindNames())
			good = false
		case good && kind.Nodes > p.sc.Nodes:
			p.complain(item, "from: %s needs a cluster of %d nodes: backing: { rabbitmq: { nodes: %d } }", name, kind.Nodes, kind.Nodes)
			good = false
		case good && len(p.targetsOf(kind)) == 0:
			p.complain(item, "from: %s has no target that all of %s have", name, strings.Join(p.sc.Variants, ", "))
			good = false
		}
		ok = ok && good
		kinds = append(kinds, name)
	}
	return kinds, ok && len(kinds) > 0
}

// span reads "2s" or "1s..4s".
func (p *scenarioReader) span(n ast.Node) (shortest, longest time.Duration, ok bool) {
	text, ok := p.text(n, "for")
	if !ok {
		return 0, 0, false
	}
	low, high, ramp := strings.Cut(text, "..")
	if !ramp {
		high = low
	}
	shortest, lowErr := time.ParseDuration(low)
	longest, highErr := time.ParseDuration(high)
	if lowErr != nil || highErr != nil || shortest <= 0 || longest < shortest {
		p.complain(n, "for: saw %q, expected a duration such as 2s, or a span such as 1s..4s", text)
		return 0, 0, false
	}
	return shortest, longest, true
}

// draw makes the faults. It leaves out a fault that acts on what an earlier one
// still acts on, and one that would outlast the load.
func (p *scenarioReader) draw(s randomFaults) (faults []sim.FaultSpec) {
	chance := rand.New(rand.NewPCG(s.seed, 3))
	end := p.sc.Load.Duration()
	for at := s.every; at < end; at += s.every {
		kind := p.catalog.Faults[s.from[chance.IntN(len(s.from))]]
		length := s.shortest
		if s.longest > s.shortest {
			length += time.Duration(chance.Int64N(int64(s.longest - s.shortest))).Round(time.Millisecond)
		}
		targets := p.targetsOf(kind)
		if len(targets) == 0 {
			continue
		}
		target := targets[chance.IntN(len(targets))]
		f := sim.FaultSpec{Kind: kind.Name, Group: kind.Group, Target: target, At: at, Params: map[string]any{}}
		if kind.NeedsFor {
			f.For = length
		}
		for _, field := range kind.Fields {
			if v := drawField(chance, field, length); v != nil {
				f.Params[field.Name] = v
			}
		}
		// A fault without an end of its own still takes its time to heal.
		if at+max(length, p.until(f)-at) >= end || p.meets(f, faults) {
			continue
		}
		faults = append(faults, f)
	}
	return faults
}

// drawField chooses a setting; nil leaves it to the fault.
func drawField(chance *rand.Rand, field sim.Field, length time.Duration) any {
	switch {
	case field.Name == "restart":
		return length
	case field.Type == "word":
		return field.Words[chance.IntN(len(field.Words))]
	case field.Type == "duration" && field.Required:
		return leastDelay + time.Duration(chance.Int64N(int64(mostDelay-leastDelay))).Round(time.Millisecond)
	case field.Type == "bandwidth":
		return float64(leastRate + chance.Int64N(mostRate-leastRate))
	}
	return nil
}

// meets reports whether a fault acts on the same thing as one of the others, at
// the same time.
func (p *scenarioReader) meets(f sim.FaultSpec, others []sim.FaultSpec) bool {
	for _, o := range others {
		if f.At < p.until(o) && o.At < p.until(f) && sim.Conflict(p.catalog.Faults, f, o, p.systems()) != "" {
			return true
		}
	}
	return false
}

// targetsOf lists what a kind of fault can be aimed at in every variant.
func (p *scenarioReader) targetsOf(kind sim.FaultKind) (targets []string) {
	// Not the database: on the embedded backing it is a file, without a link.
	candidates := append(slices.Clone(ServiceNames), "broker")
	for _, t := range candidates {
		everywhere := true
		for _, v := range p.sc.Variants {
			_, err := kind.Resolve(t, p.catalog.Systems[v])
			everywhere = everywhere && err == nil
		}
		if everywhere {
			targets = append(targets, t)
		}
	}
	return targets
}
