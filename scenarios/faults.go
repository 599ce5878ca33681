package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"squall/sim"
)

func (p *scenarioReader) readFaults(n ast.Node) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode: // not a list: a random storm
		p.fields(n, "faults", map[string]func(ast.Node){"random": p.random})
		return
	}
	for _, item := range p.list(n, "faults") {
		p.fault(item)
	}
	p.overlaps()
}

// fault reads one fault: exactly one key is a kind, and its value the target.
func (p *scenarioReader) fault(n ast.Node) {
	entries := p.mapping(n, "fault")
	var kinds []entry
	for _, e := range entries {
		if _, ok := p.catalog.Faults[e.key]; ok {
			kinds = append(kinds, e)
		}
	}
	if len(kinds) != 1 {
		p.complain(n, "fault: saw the keys %s, expected exactly one kind of fault: %s", keys(entries), p.kindNames())
		return
	}
	kind := p.catalog.Faults[kinds[0].key]
	f := sim.FaultSpec{Kind: kind.Name, Group: kind.Group, Params: map[string]any{}}
	f.Target, _ = p.text(kinds[0].value, kind.Name)
	given := map[string]ast.Node{}
	known := map[string]func(ast.Node){
		kind.Name: func(ast.Node) {},
		"at":      func(n ast.Node) { given["at"] = n; f.At, _ = p.duration(n, "at") },
	}
	if kind.NeedsFor {
		known["for"] = func(n ast.Node) { given["for"] = n; f.For, _ = p.duration(n, "for") }
	}
	for _, field := range kind.Fields {
		known[field.Name] = func(n ast.Node) { given[field.Name] = n; p.field(n, field, &f) }
	}
	p.fields(n, kind.Name, known)
	if given["at"] == nil {
		p.complain(n, "%s: it has no at: when is it to happen?", kind.Name)
	}
	if kind.NeedsFor && (given["for"] == nil || f.For == 0) {
		p.complain(n, "%s: it has no for: how long is it to last?", kind.Name)
	}
	for _, field := range kind.Fields {
		if field.Required && given[field.Name] == nil {
			p.complain(n, "%s: it has no %s: %s", kind.Name, field.Name, field.Help)
		}
	}
	if kind.Nodes > p.sc.Nodes {
		p.complain(n, "%s: it needs a cluster of %d nodes: backing: { rabbitmq: { nodes: %d } }", kind.Name, kind.Nodes, kind.Nodes)
	}
	p.target(kinds[0].value, kind, f.Target)
	p.times(n, given, kind, f)
	p.sc.Faults = append(p.sc.Faults, f)
	p.faults = append(p.faults, n)
}

func keys(entries []entry) string {
	var names []string
	for _, e := range entries {
		names = append(names, e.key)
	}
	return strings.Join(names, ", ")
}

func (p *scenarioReader) kindNames() string {
	var names []string
	for k := range p.catalog.Faults {
		names = append(names, k)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (p *scenarioReader) field(n ast.Node, field sim.Field, f *sim.FaultSpec) {
	switch field.Type {
	case "duration":
		if d, ok := p.duration(n, field.Name); ok {
			f.Params[field.Name] = d
		}
	case "count":
		if v, ok := p.whole(n, field.Name, 1, 1000); ok {
			f.Params[field.Name] = int(v)
		}
	case "share":
		if v, ok := p.share(n, field.Name); ok {
			f.Params[field.Name] = v
		}
	case "bandwidth":
		s, ok := p.text(n, field.Name)
		v, err := parseBandwidth(s)
		if ok && err != nil {
			p.complain(n, "%s: saw %q, expected bytes per second such as 500B/s, 64KB/s or 1MB/s", field.Name, s)
		}
		f.Params[field.Name] = v
	case "word":
		if s, ok := p.text(n, field.Name); ok && !slices.Contains(field.Words, s) {
			p.complain(n, "%s: saw %q, expected one of %s", field.Name, s, strings.Join(field.Words, ", "))
		} else {
			f.Params[field.Name] = s
		}
	default:
		panic("scenarios: field of unknown type " + field.Type)
	}
}

// target refuses what no variant of the scenario has.
func (p *scenarioReader) target(n ast.Node, kind sim.FaultKind, target string) {
	var why []string
	for _, v := range p.sc.Variants {
		_, err := kind.Resolve(target, p.catalog.Systems[v])
		if err == nil {
			return
		}
		why = append(why, err.Error())
	}
	if len(why) > 0 {
		p.complain(n, "%s: saw target %q, expected %s (%s)", kind.Name, target, p.targets(kind), strings.Join(why, "; "))
	}
}

// targets says what a kind of fault can be aimed at.
func (p *scenarioReader) targets(kind sim.FaultKind) string {
	switch {
	case kind.Only != "":
		return kind.Only
	case kind.Class == sim.TargetProcess:
		return "a service: " + strings.Join(ServiceNames, ", ")
	case kind.Class == sim.TargetQueue:
		return "a service that takes its work from a queue: orders, inventory, payment, shipping"
	}
	var names []string
	for _, v := range p.sc.Variants {
		for _, l := range p.catalog.Systems[v].Links {
			if !slices.Contains(names, l.Name()) {
				names = append(names, l.Name())
			}
		}
	}
	return "a service, client, broker, database, provider, or one of " + strings.Join(names, ", ")
}

// times refuses faults that reach beyond the load.
func (p *scenarioReader) times(n ast.Node, given map[string]ast.Node, kind sim.FaultKind, f sim.FaultSpec) {
	total := p.sc.Load.Duration()
	if total == 0 {
		return // said already
	}
	at := given["at"]
	if at == nil {
		at = n
	}
	if f.At >= total {
		p.complain(at, "%s: it is due at %s, and the load is over after %s", kind.Name, f.At, total)
	} else if end := f.At + kind.Span(f); end > total {
		p.complain(at, "%s: it lasts until %s, and the load is over after %s", kind.Name, end, total)
	}
}

// overlaps refuses two faults that act on one thing at one time: neither their
// effects nor their evidence could be told apart.
func (p *scenarioReader) overlaps() {
	for i, a := range p.sc.Faults {
		for j, b := range p.sc.Faults[:i] {
			if a.At >= p.until(b) || b.At >= p.until(a) {
				continue
			}
			if both := sim.Conflict(p.catalog.Faults, a, b, p.systems()); both != "" {
				line, _ := place(p.faults[j])
				p.complain(p.faults[i], "%s: it overlaps with the %s in line %d: both take hold of %s", fmt.Sprint(a), b.Kind, line, both)
			}
		}
	}
}

// until is when a fault ends.
func (p *scenarioReader) until(f sim.FaultSpec) time.Duration {
	if span := p.catalog.Faults[f.Kind].Span(f); span > 0 {
		return f.At + span
	}
	return p.sc.Load.Duration()
}

// systems are those of the scenario's variants.
func (p *scenarioReader) systems() (all []sim.System) {
	for _, v := range p.sc.Variants {
		all = append(all, p.catalog.Systems[v])
	}
	return all
}
