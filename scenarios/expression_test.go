package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
	"pgregory.net/rapid"
)

var someVariants = []string{"sync", "async", "sync-resilient", "v-2", "2x", "in", "count", "accept"}

func TestExpressionVariables(t *testing.T) {
	for _, c := range []struct{ why, text, figures string }{
		{"one figure", "async.accept.p99 < 50ms", "async.accept.p99"},
		{"sync is no part of async", "sync.accept.error_rate > async.accept.error_rate", "sync.accept.error_rate async.accept.error_rate"},
		{"each once", "(sync.accept.ok + sync.accept.ok) > 0 && 1.5 < 2", "sync.accept.ok"},
		{"the arguments of a function", "max(async.lag.convergence.p99, async.lag.p50) < 1.5", "async.lag.convergence.p99 async.lag.p50"},
		{"none", "true", ""},
		{"a name with a hyphen", "sync-resilient.accept.p99 < 1s", "sync-resilient.accept.p99"},
		{"a minus with spaces", "sync.accept.p99 - async.accept.p99 < 1s", "sync.accept.p99 async.accept.p99"},
		{"a minus without", "sync-resilient.accept.p99-sync.accept.p99 < 1", "sync-resilient.accept.p99 sync.accept.p99"},
		{"a digit after the hyphen", "v-2.accept.p99 < 1", "v-2.accept.p99"},
		{"a digit at the start", "2x.accept.p99 < 1", "2x.accept.p99"},
		{"words of the language", "in.accept.p99 in [1] and count.accept.p99 < 1", "in.accept.p99 count.accept.p99"},
		{"a function of a variant's name", "count(1..3, # > 1) > 0", ""},
		{"brackets", `sync-resilient["accept"]["p99"] < 1`, "sync-resilient.accept.p99"},
		{"careful access", "sync?.accept?.p99 < 1", "sync.accept.p99"},
		{"a string", `sync.accept.p99 < 1 || "async.accept.p99" == ""`, "sync.accept.p99"},
		{"a comment", "sync.accept.p99 < 1 /* async.accept.p99 */ // async.accept.p50", "sync.accept.p99"},
		{"a figure with the name of a variant", "sync.accept.p99 < accept.accept.p99", "sync.accept.p99 accept.accept.p99"},
		{"white space before the dot", "sync-resilient .accept.p99 < 1 && sync-resilient\n.accept.p99 < 1", "sync-resilient.accept.p99"},
		{"whole variants", "all([sync, async], .accept.p99 < 50ms)", "sync async"},
		{"a name given by let", "let a = sync.accept; a.p99 < 1", "sync.accept"},
		{"a quotient that looks like a rate", "1000/sync.accept.p99 > 2", "sync.accept.p99"},
	} {
		e, err := ParseExpression(c.text, someVariants)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		var got, variants []string
		for _, p := range e.Figures {
			got = append(got, p.String())
			if !slices.Contains(variants, p.Variant) {
				variants = append(variants, p.Variant)
			}
		}
		if strings.Join(got, " ") != c.figures || !slices.Equal(variants, e.Variants) || e.String() != c.text {
			t.Errorf("%s: %s has the figures %v of %v, expected %s", c.why, e, got, e.Variants, c.figures)
		}
	}
}

func TestExpressionProblems(t *testing.T) {
	all := strings.Join(someVariants, ", ")
	for _, c := range []struct{ why, text, want string }{
		{"it ends too early", "async.accept.p99 <", `"async.accept.p99 <": unexpected token EOF (1:18)`},
		{"a literal too many", "async.accept.p99 < 50ms 5%", `unexpected token Identifier("5%") (1:25)`},
		{"places do not move by literals", "async.accept.p99 < 5% && 1h30m > 100/s foo", `unexpected token Identifier("foo") (1:40)`},
		{"a name too many", "async.accept.p99 < 1 sync-resilient.accept", `unexpected token Identifier("sync-resilient") (1:22)`},
		{"a misspelt name", "sync-resillient.accept.p99 < 1", "there is no variant sync-resillient, expected one of sync, async"},
		{"a misspelt name after a minus", "sync.accept.p99-foo.accept.p99 < 1", "there is no variant foo, expected one of " + all + " (1:17)"},
		{"in the second line", "sync.accept.p99 < 1 &&\n  foo.x > 1", "there is no variant foo, expected one of " + all + " (2:3)"},
		{"a unit that there is not", "sync.accept.p99 < 50q", `bad number syntax: "50q" (1:21)`},
		{"a variant's name taken for another value", "let sync = 3; sync > 2", "cannot redeclare sync (1:5)"},
		{"a literal taken for a name", "let 5% = 3; 5% > 2", "cannot redeclare 5% (1:5)"},
		{"everything at once", "$env.sync.accept.p99 < 1", "there is no variant $env"},
		{"the letters that squall needs", "\ua000 < 1", "expected none of the Yi script"},
	} {
		_, err := ParseExpression(c.text, someVariants)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), fmt.Sprintf("%q: ", c.text)) {
			t.Errorf("%s: %v, expected %s", c.why, err, c.want)
		}
	}
}

func TestLiterals(t *testing.T) {
	for _, c := range []struct{ why, text string }{
		{"durations are milliseconds", "50ms == 50 && 1.5s == 1500 && 2m == 120000 && 5us == 0.005"},
		{"durations of several parts", "1m30s == 90000 && 1h == 3600000"},
		{"shares", "5% == 0.05 && 0.5% == 0.005 && 100% == 1"},
		{"rates are per second", "100/s == 100 && 60/m == 1 && 200000/s == 200000"},
		{"without spaces", "50ms-5ms==45&&(5%)<1"},
		{"a remainder", "7%3 == 1 && 7 % 3 == 1 && 7%(3) == 1"},
		{"a share before a word", "0.1 > 5% and 5% in [5%]"},
		{"within strings", `"50ms" == "50" + "ms" && '5%' == "5" + "%" && ` + "`100/s` == \"100\" + \"/s\""},
		{"as a key", "{p50: 3}.p50 == 3"},
		{"within a comment", "true // 50ms\n&& 1 < 2 /* 5% */"},
		{"a quotient", "let s = {x: 4}; 8/s.x == 2"},
	} {
		e, err := ParseExpression(c.text, nil)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if yes, err := e.answer(nil); err != nil || !yes {
			t.Errorf("%s: %s is %v, %v, expected true", c.why, e, yes, err)
		}
	}
}

// comparison is an expression that a test has made up, and what is in it.
type comparison struct {
	text    string
	figures []Path
	value   float64 // of the difference on its left
	limit   float64
}

var variantNames = rapid.StringMatching(`[a-z0-9]([a-z0-9]|-[a-z0-9]){0,5}`)

// drawComparison draws one of the form a.accept.p50-b.accept.p99 < 10ms over
// generated variants, with and without spaces around the minus.
func drawComparison(t *rapid.T) (names []string, figures map[string]map[string]any, c comparison) {
	names = rapid.SliceOfNDistinct(variantNames, 1, 6, rapid.ID[string]).Draw(t, "names")
	// Names that begin like others are where reading can go wrong.
	for _, n := range slices.Clone(names) {
		longer := n + "-" + rapid.SampledFrom([]string{"x", "2", names[0]}).Draw(t, "suffix")
		if !slices.Contains(names, longer) {
			names = append(names, longer)
		}
	}
	figures = map[string]map[string]any{}
	for i, n := range names {
		figures[n] = map[string]any{"accept": map[string]any{"p50": float64(1 + i), "p99": float64(100 * (1 + i))}}
	}
	operand := func(label string) (Path, float64) {
		p := Path{rapid.SampledFrom(names).Draw(t, label), rapid.SampledFrom([]string{"accept.p50", "accept.p99"}).Draw(t, label)}
		return p, lookup(figures, p).(float64)
	}
	left, a := operand("left")
	right, b := operand("right")
	minus := rapid.SampledFrom([]string{"-", " - ", " -", "- ", "/*a-b.x 5%*/-", "-/*a-b.x*/ "}).Draw(t, "minus")
	ms := rapid.IntRange(0, 1000).Draw(t, "ms")
	c = comparison{fmt.Sprintf("%s%s%s < %dms", left, minus, right, ms), []Path{left}, a - b, float64(ms)}
	if right != left {
		c.figures = append(c.figures, right)
	}
	return names, figures, c
}

// TestNamesAndMinuses: whatever the variants are called, their names are told
// from subtractions of their figures.
func TestNamesAndMinuses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names, figures, c := drawComparison(t)
		e, err := ParseExpression(c.text, names)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(e.Figures, c.figures) {
			t.Fatalf("%s: figures %v, expected %v", c.text, e.Figures, c.figures)
		}
		yes, err := e.answer(figures)
		if err != nil || yes != (c.value < c.limit) {
			t.Fatalf("%s: %v, %v, where the difference is %g", c.text, yes, err, c.value)
		}
		slices.Reverse(names) // their order has no part in it
		again, err := ParseExpression(c.text, names)
		if err != nil || !slices.Equal(again.Figures, e.Figures) || !slices.Equal(again.Variants, e.Variants) || again.Text != e.Text {
			t.Fatalf("%s: read again it has %v of %v", c.text, again.Figures, again.Variants)
		}
	})
}

// TestPlacesAreTheUsers: an error names the place in the text that the user
// wrote, behind whatever names and literals.
func TestPlacesAreTheUsers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names, _, c := drawComparison(t)
		before := c.text + rapid.SampledFrom([]string{" && ", "&&", " or "}).Draw(t, "operator")
		_, err := ParseExpression(before+"Nobody.accept.p99 < 1", names)
		want := fmt.Sprintf("(1:%d)", utf8.RuneCountInString(before)+1)
		if err == nil || !strings.Contains(err.Error(), "there is no variant Nobody") || !strings.HasSuffix(err.Error(), want) {
			t.Fatalf("%v, expected it to end with %s", err, want)
		}
	})
}

// TestStringsAreLeftAlone: what is within quotes is compared as it was written.
func TestStringsAreLeftAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names, figures, c := drawComparison(t)
		inside := rapid.SampledFrom([]string{"5%", "50ms ", "100/s", "// ", names[0] + ".accept.p50", " - ", "/*"})
		text := strings.Join(rapid.SliceOfN(inside, 0, 5).Draw(t, "text"), "")
		e, err := ParseExpression(fmt.Sprintf("len(%q) == %d || %s", text, len(text), c.text), names)
		if err != nil {
			t.Fatal(err)
		}
		if yes, err := e.answer(figures); err != nil || !yes || !slices.Equal(e.Figures, c.figures) {
			t.Fatalf("%s: %v, %v, figures %v, expected true and %v", e, yes, err, e.Figures, c.figures)
		}
	})
}

// TestDurationLiterals: a duration that Go writes is one in an expression.
func TestDurationLiterals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(1, int64(1000*time.Hour)).Draw(t, "duration"))
		e, err := ParseExpression(fmt.Sprintf("%s == a.x", d), []string{"a"})
		if err != nil {
			t.Fatal(err)
		}
		if yes, err := e.answer(map[string]map[string]any{"a": {"x": float64(d) / 1e6}}); err != nil || !yes {
			t.Fatalf("%s: %v, %v, expected true", e, yes, err)
		}
	})
}

// FuzzExpression: whatever the text, there is an expression or an error; reading
// it twice gives the same; and what stands in for the user's words is as long as
// they are and leads back to them.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		"sync-resilient.accept.p99-sync.accept.p99 < 50ms && 7%3 == 1", "'5%' == \"\\u0035\" // 50ms", "5%/*", "1..3", "a ?.5 : 100/s", "#5%",
		"2x.accept.p50 > 1m30s", "`v-2.x`", "v-2?.x[1:2] | len()", "\xff5ms", "let 5% = 1", "b'5%'", "not in.x", "1e5s", "5m\u00b5s",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExpression(text, someVariants)
		again, errAgain := ParseExpression(text, someVariants)
		if fmt.Sprint(err) != fmt.Sprint(errAgain) || !slices.Equal(e.Figures, again.Figures) || !slices.Equal(e.Variants, again.Variants) {
			t.Fatalf("%q: %v %v and %v %v", text, e.Figures, err, again.Figures, errAgain)
		}
		if w := e.words; w.text != "" && (utf8.RuneCountInString(w.text) != utf8.RuneCountInString(text) || w.original(w.text) != text) {
			t.Fatalf("%q became %q, which leads back to %q", text, w.text, w.original(w.text))
		}
		for _, p := range e.Figures {
			if !slices.Contains(someVariants, p.Variant) || !strings.Contains(text, p.Variant) {
				t.Fatalf("%q: figure %s", text, p)
			}
		}
		bare, err := rewrite(text, nil)
		if _, lexErr := lexer.Lex(file.NewSource(text)); lexErr == nil && err == nil && len(bare.literals) > 0 {
			for literal := range maps.Values(literalTexts(bare)) {
				if !strings.ContainsAny(literal, "%/") { // all others have a letter behind a digit, which expr refuses
					t.Fatalf("%q: expr reads it as it is, and squall took %q out of it", text, literal)
				}
			}
		}
	})
}

// literalTexts are the literals of a rewritten expression as the user wrote them.
func literalTexts(w rewritten) map[string]string {
	texts := map[string]string{}
	for i := 0; i < len(w.words); i += 2 {
		texts[w.words[i]] = w.words[i+1]
	}
	return texts
}
