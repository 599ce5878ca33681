package scenarios

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

// randomStorm is a seeded series of faults: every so often one of these kinds,
// on a target and for a time that the seed chooses.
type randomStorm struct {
	from              []string
	every             time.Duration
	shortest, longest time.Duration
	seed              uint64
}

// The delay of a random latency fault.
const (
	leastDelay = 60 * time.Millisecond
	mostDelay  = 180 * time.Millisecond
)

// random reads { from: [kill, pause], every: 5s, for: 1s..4s, seed: 7 } and adds
// its faults to the scenario. The same seed gives the same faults.
func (p *scenarioReader) random(n ast.Node) {
	s := randomStorm{seed: p.sc.Seed}
	ok := map[string]bool{}
	p.fields(n, "random", map[string]func(ast.Node){
		"from": func(n ast.Node) { s.from, ok["from"] = p.randomKinds(n) },
		"every": func(n ast.Node) {
			if s.every, ok["every"] = p.duration(n, "every"); ok["every"] && s.every < 100*time.Millisecond {
				p.complain(n, "every: saw %s, expected 100ms or more", s.every)
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
		if _, known := p.catalog.Faults[name]; good && !known {
			p.complain(item, "from: saw %q, expected kinds of faults: %s", name, p.kindNames())
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

// draw makes the faults. A target that is still under a fault of the same class
// is passed over, and so is a fault that would outlast the load.
func (p *scenarioReader) draw(s randomStorm) (faults []sim.FaultSpec) {
	chance := rand.New(rand.NewPCG(s.seed, 3))
	busy := map[[2]string]time.Duration{} // class and target -> until when
	end := p.sc.Load.Duration()
	for at := s.every; at < end; at += s.every {
		kind := p.catalog.Faults[s.from[chance.IntN(len(s.from))]]
		length := s.shortest
		if s.longest > s.shortest {
			length += time.Duration(chance.Int64N(int64(s.longest - s.shortest))).Round(time.Millisecond)
		}
		targets := p.targetsOf(kind)
		target := targets[chance.IntN(len(targets))]
		f := sim.FaultSpec{Kind: kind.Name, Target: target, At: at, Params: map[string]any{}}
		if kind.NeedsFor {
			f.For = length
		}
		for _, field := range kind.Fields {
			switch {
			case field.Name == "restart":
				f.Params["restart"] = length
			case field.Type == "word":
				f.Params[field.Name] = field.Words[chance.IntN(len(field.Words))]
			case field.Type == "duration" && field.Required:
				f.Params[field.Name] = leastDelay + time.Duration(chance.Int64N(int64(mostDelay-leastDelay))).Round(time.Millisecond)
			}
		}
		key := [2]string{kind.Class, target}
		if busy[key] > at || at+length >= end {
			continue
		}
		busy[key] = at + length
		faults = append(faults, f)
	}
	return faults
}

// targetsOf lists what a kind of fault can be aimed at in every variant.
func (p *scenarioReader) targetsOf(kind sim.FaultKind) (targets []string) {
	// Not the database: on the embedded backing it is a file, without a link.
	candidates := append(slices.Clone(sim.ServiceNames), "broker")
	for _, t := range candidates {
		everywhere := true
		for _, v := range p.sc.Variants {
			_, _, err := kind.Resolve(t, p.catalog.Systems[v])
			everywhere = everywhere && err == nil
		}
		if everywhere {
			targets = append(targets, t)
		}
	}
	return targets
}
