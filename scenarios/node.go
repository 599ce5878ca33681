package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// reader walks a YAML tree and gathers problems.
type reader struct {
	file     string
	problems Problems
}

func (r *reader) complain(n ast.Node, format string, args ...any) {
	line, col := place(n)
	r.problems = append(r.problems, Problem{r.file, line, col, fmt.Sprintf(format, args...)})
}

func place(n ast.Node) (line, col int) {
	if n == nil {
		return 1, 1
	}
	t := n.GetToken()
	// The token of a mapping is its first colon; its place is its first key.
	switch m := n.(type) {
	case *ast.MappingNode:
		if len(m.Values) > 0 && t.Type != token.MappingStartType {
			return place(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(m.Key)
	}
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return t.Position.Line, t.Position.Column
}

// entry is a key of a mapping with its value.
type entry struct {
	key   string
	node  ast.Node // the key
	value ast.Node
}

// mapping returns a node's entries. A key that is there twice is a problem.
func (r *reader) mapping(n ast.Node, what string) []entry {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		r.complain(n, "%s: saw %s, expected a mapping of keys to values", what, describe(n))
		return nil
	}
	var entries []entry
	seen := map[string]bool{}
	for _, v := range values {
		key := v.Key.String()
		if seen[key] {
			r.complain(v.Key, "%s: %q is there twice", what, key)
			continue
		}
		seen[key] = true
		entries = append(entries, entry{key, v.Key, v.Value})
	}
	return entries
}

// fields hands each entry of a mapping to its reader; an unknown key is a
// problem that lists the known ones.
func (r *reader) fields(n ast.Node, what string, known map[string]func(ast.Node)) {
	for _, e := range r.mapping(n, what) {
		if read := known[e.key]; read != nil {
			read(e.value)
			continue
		}
		var names []string
		for k := range known {
			names = append(names, k)
		}
		slices.Sort(names)
		r.complain(e.node, "%s: unknown key %q, expected one of %s", what, e.key, strings.Join(names, ", "))
	}
}

func (r *reader) list(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.complain(n, "%s: saw %s, expected a list", what, describe(n))
		return nil
	}
	return s.Values
}

func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	return fmt.Sprintf("%q", scalar(n))
}

// scalar returns a node's text without quotes.
func scalar(n ast.Node) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	if t := n.GetToken(); t != nil {
		return t.Value
	}
	return n.String()
}

// The readers of single values. Each returns the value and whether it is good;
// a bad one has been complained about.

func (r *reader) text(n ast.Node, what string) (string, bool) {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode, *ast.NullNode:
		r.complain(n, "%s: saw %s, expected text", what, describe(n))
		return "", false
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	}
	return scalar(n), true
}

func (r *reader) duration(n ast.Node, what string) (time.Duration, bool) {
	s, ok := r.text(n, what)
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > 240*time.Hour {
		r.complain(n, "%s: saw %q, expected a duration such as 250ms, 10s or 1m30s", what, s)
		return 0, false
	}
	return d, true
}

func (r *reader) whole(n ast.Node, what string, lowest, highest int64) (int64, bool) {
	s, ok := r.text(n, what)
	if !ok {
		return 0, false
	}
	v, err := parseWhole(s)
	if err != nil || v < lowest || v > highest {
		r.complain(n, "%s: saw %q, expected a whole number from %d to %d", what, s, lowest, highest)
		return 0, false
	}
	return v, true
}

func (r *reader) share(n ast.Node, what string) (float64, bool) {
	s, ok := r.text(n, what)
	if !ok {
		return 0, false
	}
	v, err := parseShare(s)
	if err != nil {
		r.complain(n, "%s: saw %q, expected a share such as 1%% or 0.01", what, s)
		return 0, false
	}
	return v, true
}
