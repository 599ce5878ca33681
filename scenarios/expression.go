package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/vm"
)

// Expression is a condition or an expectation that has been read: a yes or no
// question about figures of variants.
type Expression struct {
	Text     string   // as the user wrote it
	Variants []string // whose figures it speaks of, each once, in the order of the text
	Figures  []Path   // the figures, likewise

	words   rewritten
	program *vm.Program
}

// Path names a figure of a variant as expressions do: accept.p99 of async. The
// name is empty where the expression takes all figures of the variant at once.
type Path struct{ Variant, Name string }

func (p Path) String() string {
	if p.Name == "" {
		return p.Variant
	}
	return p.Variant + "." + p.Name
}

func (e Expression) String() string { return e.Text }

// ParseExpression reads an expression over the figures of these variants.
// Whether the figures exist is seen when it is answered. An error quotes the text
// and says where in it the problem is.
func ParseExpression(text string, variants []string) (Expression, error) {
	e := Expression{Text: text}
	var err error
	if e.words, err = rewrite(text, variants); err != nil {
		return e, e.wrong(err)
	}
	env := map[string]map[string]any{}
	for _, v := range variants {
		env[v] = map[string]any{}
	}
	found := variables{names: e.words.names, paths: map[ast.Node]Path{}, part: map[ast.Node]bool{}, callee: map[ast.Node]bool{}}
	e.program, err = expr.Compile(e.words.text, expr.Env(e.environment(env)), expr.Patch(&found))
	for _, n := range found.identifiers {
		if _, literal := e.words.literals[n.Value]; literal || found.declared[n.Value] || found.callee[n] || e.words.names[n.Value] != "" {
			continue
		}
		return e, e.wrong(e.unknownVariant(n, variants))
	}
	if err != nil {
		return e, e.wrong(err)
	}
	for _, n := range found.nodes {
		p := found.paths[n]
		if found.part[n] || slices.Contains(e.Figures, p) {
			continue
		}
		e.Figures = append(e.Figures, p)
		if !slices.Contains(e.Variants, p.Variant) {
			e.Variants = append(e.Variants, p.Variant)
		}
	}
	return e, nil
}

// wrong makes an error of expr's one line that quotes what the user wrote.
func (e Expression) wrong(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%q: %s", e.Text, e.words.original(line))
}

// environment is what the expression's identifiers stand for, given the figures
// of each variant.
func (e Expression) environment(figures map[string]map[string]any) map[string]any {
	env := map[string]any{}
	for word, value := range e.words.literals {
		env[word] = value
	}
	for word, variant := range e.words.names {
		// A variant with the name of a function is one only before a dot, where
		// rewrite has found it.
		if _, function := builtin.Index[word]; !function && figures[variant] != nil {
			env[word] = figures[variant]
		}
	}
	return env
}

// answer answers the expression, given the figures of each variant.
func (e Expression) answer(figures map[string]map[string]any) (bool, error) {
	for _, p := range e.Figures {
		if lookup(figures, p) == nil {
			return false, fmt.Errorf("%q: there is no figure %s", e.Text, p)
		}
	}
	result, err := expr.Run(e.program, e.environment(figures))
	if err != nil {
		return false, e.wrong(err)
	}
	yes, ok := result.(bool)
	if !ok {
		return false, fmt.Errorf("%q: it is neither true nor false, expected a comparison such as %s < 50", e.Text, strings.TrimSpace(e.Text))
	}
	return yes, nil
}

// lookup returns a figure; nil where there is none of that name.
func lookup(figures map[string]map[string]any, p Path) any {
	variant, known := figures[p.Variant]
	if !known {
		return nil
	}
	var at any = variant
	if p.Name == "" {
		return at
	}
	for _, key := range strings.Split(p.Name, ".") {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[key]
	}
	return at
}

// unknownVariant is the error about an identifier that is no variant. Where
// hyphens and more words stand directly before it, they are part of the name
// that the user meant.
func (e Expression) unknownVariant(n *ast.IdentifierNode, variants []string) error {
	runes := []rune(e.words.text)
	from, to := n.Location().From, min(n.Location().To, len(runes))
	start := from
	for start > 0 && (runes[start-1] == '-' || isNameRune(runes[start-1]) && !standsForOther(runes[start-1])) {
		start--
	}
	for start < from && (runes[start] == '-' || unicode.IsDigit(runes[start])) {
		start++
	}
	if start == 0 || runes[start-1] != '.' { // else it is a figure, and the hyphen a minus
		from = start
	}
	before := string(runes[:from])
	line, column := 1+strings.Count(before, "\n"), utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])+1
	return fmt.Errorf("there is no variant %s, expected one of %s (%d:%d)", string(runes[from:to]), strings.Join(variants, ", "), line, column)
}

// variables gathers what an expression's syntax tree says of variants.
type variables struct {
	names       map[string]string // the variant that an identifier stands for
	identifiers []*ast.IdentifierNode
	declared    map[string]bool   // by let
	callee      map[ast.Node]bool // the names of functions
	nodes       []ast.Node        // with a path, in the order of the text
	paths       map[ast.Node]Path
	part        map[ast.Node]bool // of a longer path
}

// Visit is called with each node, after it was with those below it.
func (v *variables) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		v.identifiers = append(v.identifiers, n)
		if name := v.names[n.Value]; name != "" {
			v.add(n, Path{Variant: name})
		}
	case *ast.MemberNode:
		key, constant := n.Property.(*ast.StringNode)
		if p, ok := v.paths[n.Node]; ok && constant {
			v.part[n.Node] = true
			v.add(n, Path{p.Variant, strings.TrimPrefix(p.Name+"."+key.Value, ".")})
		}
	case *ast.ChainNode: // of ?. operators
		if p, ok := v.paths[n.Node]; ok {
			v.part[n.Node] = true
			v.add(n, p)
		}
	case *ast.CallNode:
		v.callee[n.Callee] = true
	case *ast.VariableDeclaratorNode:
		if v.declared == nil {
			v.declared = map[string]bool{}
		}
		v.declared[n.Name] = true
	}
}

func (v *variables) add(n ast.Node, p Path) {
	v.nodes = append(v.nodes, n)
	v.paths[n] = p
}
