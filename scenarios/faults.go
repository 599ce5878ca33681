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
	f := sim.FaultSpec{Kind: kind.Name, Params: map[string]any{}}
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
		_, _, err := kind.Resolve(target, p.catalog.Systems[v])
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
	if kind.Class == sim.TargetProcess {
		return "a service: " + strings.Join(sim.ServiceNames, ", ")
	}
	if kind.Class == sim.TargetServer {
		return kind.Server
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

// overlaps refuses two faults of one class on one target at one time: what
// took hold could not be told apart.
func (p *scenarioReader) overlaps() {
	total := p.sc.Load.Duration()
	end := func(f sim.FaultSpec) time.Duration {
		if span := p.catalog.Faults[f.Kind].Span(f); span > 0 {
			return f.At + span
		}
		return total
	}
	for i, a := range p.sc.Faults {
		for j, b := range p.sc.Faults[:i] {
			same := a.Target == b.Target && p.catalog.Faults[a.Kind].Class == p.catalog.Faults[b.Kind].Class
			if same && a.At < end(b) && b.At < end(a) {
				line, _ := place(p.faults[j])
				p.complain(p.faults[i], "%s: it overlaps with the %s of the same target in line %d", fmt.Sprint(a), b.Kind, line)
			}
		}
	}
}
