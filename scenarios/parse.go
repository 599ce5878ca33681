package scenarios

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"squall/sim"
)

// Catalog is what a scenario can name.
type Catalog struct {
	Faults   map[string]sim.FaultKind
	Variants []string
	// Systems holds the wiring of each variant, to resolve targets in.
	Systems map[string]sim.System
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Parse reads a scenario. An error is of type Problems and lists everything
// that is wrong; then the scenario must not be used.
func Parse(file string, text []byte, c Catalog) (sim.Scenario, error) {
	r := &reader{file: file}
	sc := sim.Scenario{
		Seed: 1, Repeats: 1, Nodes: 1, Drain: 60 * time.Second, Variants: c.Variants,
		Load:     sim.Load{Arrivals: "poisson", Timeout: 5 * time.Second},
		Probes:   sim.Probes{Share: 0.03, Every: 25 * time.Millisecond},
		Orders:   sim.Orders{SKUs: 500, Zipf: 1.1, Stock: 1_000_000},
		Services: map[string]sim.Service{},
		Faults:   []sim.FaultSpec{}, Expect: []string{},
	}
	for _, name := range ServiceNames {
		sc.Services[name] = DefaultService(name)
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return sc, Problems{syntax(file, err)}
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return sc, Problems{{file, 1, 1, "expected one YAML document that is a mapping, with the keys name and load"}}
	}
	root := tree.Docs[0].Body
	p := &scenarioReader{reader: r, sc: &sc, catalog: c}
	p.read(root)
	return sc, r.problems.sorted()
}

// ParseWith is Parse after overrides of the form path=value, such as
// services.inventory.replicas=4, have been put into the text.
func ParseWith(file string, text []byte, overrides []string, c Catalog) (sim.Scenario, error) {
	if len(overrides) == 0 {
		return Parse(file, text, c)
	}
	if _, err := Parse(file, text, c); err != nil {
		return sim.Scenario{}, err // in terms of the file, not of what becomes of it
	}
	changed, err := override(text, overrides)
	if err != nil {
		return sim.Scenario{}, Problems{{file, 1, 1, err.Error()}}
	}
	return Parse(file+" with --set", changed, c)
}

// syntax turns a YAML error into a problem with its place.
func syntax(file string, err error) Problem {
	p := Problem{File: file, Line: 1, Col: 1, Text: strings.TrimSpace(err.Error())}
	var e yaml.Error
	if errors.As(err, &e) {
		p.Text = "not YAML: " + e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Col = t.Position.Line, t.Position.Column
		}
	}
	return p
}

type scenarioReader struct {
	*reader
	sc      *sim.Scenario
	catalog Catalog
	faults  []ast.Node // the node of each fault that was read
}

func (p *scenarioReader) read(root ast.Node) {
	var faults, expect, steady, stop, named, loaded ast.Node
	p.fields(root, "scenario", map[string]func(ast.Node){
		"name": func(n ast.Node) {
			named = n
			if s, ok := p.text(n, "name"); ok && !nameForm.MatchString(s) {
				p.complain(n, "name: saw %q, expected lower case letters, digits and dashes, 64 at most", s)
			} else {
				p.sc.Name = s
			}
		},
		"summary": func(n ast.Node) { p.sc.Summary, _ = p.text(n, "summary") },
		"claim": func(n ast.Node) {
			if s, ok := p.text(n, "claim"); ok && !isClaim(s) {
				p.complain(n, "claim: saw %q, expected one that squall list claims shows", s)
			} else {
				p.sc.Claim = s
			}
		},
		"seed": func(n ast.Node) {
			if v, ok := p.whole(n, "seed", 0, math.MaxInt64); ok {
				p.sc.Seed = uint64(v)
			}
		},
		"load":     func(n ast.Node) { loaded = n; p.load(n) },
		"probes":   p.probes,
		"orders":   p.orders,
		"services": p.services,
		"faults":   func(n ast.Node) { faults = n },
		"variants": p.variants,
		"repeats": func(n ast.Node) {
			if v, ok := p.whole(n, "repeats", 1, 1000); ok {
				p.sc.Repeats = int(v)
			}
		},
		"drain": func(n ast.Node) {
			if d, ok := p.duration(n, "drain"); ok {
				p.sc.Drain = d
			}
		},
		"expect":  func(n ast.Node) { expect = n },
		"steady":  func(n ast.Node) { steady = n },
		"stop":    func(n ast.Node) { stop = n },
		"backing": p.backing,
		"compare": p.compare,
	})
	if named == nil {
		p.complain(root, "scenario: it has no name")
	}
	if loaded == nil {
		p.complain(root, "scenario: it has no load")
	}
	if faults != nil { // after the load and the variants, which they refer to
		p.readFaults(faults)
	}
	if expect != nil {
		p.expectations(expect)
	}
	if steady != nil {
		p.sc.Steady = p.conditions(steady, "steady")
		if len(p.sc.Faults) == 0 {
			p.complain(steady, "steady: it is judged before the first fault, and there is none")
		}
	}
	if stop != nil {
		p.sc.Stop = p.conditions(stop, "stop")
	}
}

func (p *scenarioReader) probes(n ast.Node) {
	p.fields(n, "probes", map[string]func(ast.Node){
		"share": func(n ast.Node) {
			if v, ok := p.share(n, "share"); ok {
				p.sc.Probes.Share = v
			}
		},
		"every": func(n ast.Node) {
			if d, ok := p.duration(n, "every"); ok && d < time.Millisecond {
				p.complain(n, "every: saw %s, expected 1ms or more", d)
			} else if ok {
				p.sc.Probes.Every = d
			}
		},
	})
}

func (p *scenarioReader) orders(n ast.Node) {
	p.fields(n, "orders", map[string]func(ast.Node){
		"skus": func(n ast.Node) {
			if v, ok := p.whole(n, "skus", 1, 1_000_000); ok {
				p.sc.Orders.SKUs = int(v)
			}
		},
		"stock": func(n ast.Node) {
			if v, ok := p.whole(n, "stock", 0, 1<<40); ok {
				p.sc.Orders.Stock = v
			}
		},
		"popularity": func(n ast.Node) {
			s, ok := p.text(n, "popularity")
			z, err := parseZipf(s)
			if ok && err != nil {
				p.complain(n, "popularity: saw %q, expected uniform, or zipf with its exponent, such as zipf 1.1", s)
			}
			p.sc.Orders.Zipf = z
		},
	})
}

func (p *scenarioReader) variants(n ast.Node) {
	p.sc.Variants = nil
	for _, item := range p.list(n, "variants") {
		s, ok := p.text(item, "variants")
		switch {
		case !ok:
		case p.catalog.Systems[s].Variant == "":
			p.complain(item, "variants: unknown variant %q, expected one of %s", s, strings.Join(p.catalog.Variants, ", "))
		default:
			p.sc.Variants = append(p.sc.Variants, s)
		}
	}
	if len(p.sc.Variants) == 0 {
		p.complain(n, "variants: expected at least one of %s", strings.Join(p.catalog.Variants, ", "))
	}
}
