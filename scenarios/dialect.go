package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// expr's lexer does not know two things that expressions may hold: names of
// variants with a hyphen, and literals with a unit (50ms, 5%, 100/s). rewrite
// replaces each by an identifier of as many characters, so that the places in
// expr's messages are places in the user's text. The identifiers consist of
// letters of the Yi script; an expression that holds such letters is refused.
const (
	firstName    = 0xA000 // a name: this letter plus each of its ASCII characters
	firstLiteral = 0xA080 // a literal: two letters from here on, by its number
	lastLiteral  = 0xA467
	lastLetter   = 0xA48C
)

// rewritten is an expression as expr can read it.
type rewritten struct {
	text     string
	literals map[string]float64 // by identifier
	names    map[string]string  // the variant that an identifier stands for
	words    []string           // identifiers, each followed by what the user wrote
}

// original puts the user's words into a message about the rewritten text.
func (w rewritten) original(message string) string {
	return strings.NewReplacer(w.words...).Replace(message)
}

// rewrite goes through an expression token by token. Strings, comments and what
// expr's lexer refuses stay as they are.
func rewrite(text string, variants []string) (rewritten, error) {
	w := rewritten{literals: map[string]float64{}, names: map[string]string{}}
	if i := strings.IndexFunc(text, standsForOther); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return w, fmt.Errorf("saw the letter %q, expected none of the Yi script", r)
	}
	for _, v := range variants {
		w.names[v] = v
	}
	var b strings.Builder
	before := "" // the token before
	for rest := text; rest != ""; {
		gap := blank(rest)
		b.WriteString(rest[:gap])
		if rest = rest[gap:]; rest == "" {
			break
		}
		n, is := 0, ""
		if before != "." && before != "?." && before != "#" { // else it is the name of a figure
			if n, is = w.name(rest, variants); n == 0 {
				n, is = w.literal(rest, variants)
			}
		}
		if n == 0 {
			n = tokenLength(rest)
			is = rest[:n]
		}
		b.WriteString(is)
		before, rest = rest[:n], rest[n:]
	}
	w.text = b.String()
	return w, nil
}

// name recognises a variant at the start of a text, and returns its length and
// the identifier for it. A dot must follow, since elsewhere the hyphen may be a
// minus. So at most one variant can match: sync-resilient, and not sync.
func (w *rewritten) name(rest string, variants []string) (n int, is string) {
	for _, v := range variants {
		after, ok := strings.CutPrefix(rest, v)
		if v == "" || !ok {
			continue
		}
		dot := strings.HasPrefix(after, ".") && !strings.HasPrefix(after, "..") || strings.HasPrefix(after, "?.")
		if !dot && !isIdentifier(v) { // a name that can be nothing else
			after = after[blank(after):]
			dot = strings.HasPrefix(after, "[") || strings.HasPrefix(after, ".") && !strings.HasPrefix(after, "..") ||
				strings.HasPrefix(after, "?.")
		}
		if !dot {
			continue
		}
		is = strings.Map(func(r rune) rune {
			if r < utf8.RuneSelf {
				return firstName + r
			}
			return r
		}, v)
		if w.names[is] == "" {
			w.names[is] = v
			w.words = append(w.words, is, v)
		}
		return len(v), is
	}
	return 0, ""
}

// literal recognises a duration, a share or a rate at the start of a text, and
// returns its length and the identifier for its value: in milliseconds, as a
// fraction, per second.
func (w *rewritten) literal(rest string, variants []string) (n int, is string) {
	n = numberLength(rest)
	word, after := rest[:n], rest[n:]
	value, err := strconv.ParseFloat(word, 64)
	plain := err == nil && strings.Trim(word, "0123456789.") == ""
	switch {
	case n == 0:
		return 0, ""
	case plain && strings.HasPrefix(after, "%") && !beginsOperand(after[1:]):
		n, value = n+1, value/100
	case plain && (strings.HasPrefix(after, "/s") || strings.HasPrefix(after, "/m")) && !w.continues(after, variants):
		n += 2
		if after[1] == 'm' {
			value /= 60
		}
	case plain:
		return 0, ""
	default:
		d, err := time.ParseDuration(word)
		if err != nil {
			return 0, ""
		}
		value = float64(d) / float64(time.Millisecond)
	}
	const letters = lastLiteral - firstLiteral + 1
	number := len(w.literals)
	if number >= letters*letters {
		return 0, ""
	}
	is = string([]rune{rune(firstLiteral + number%letters), rune(firstLiteral + number/letters)})
	is += strings.Repeat(string(rune(firstLiteral)), utf8.RuneCountInString(rest[:n])-2)
	w.literals[is] = value
	w.words = append(w.words, is, rest[:n])
	return n, is
}

// continues reports whether the s or m of what looks like a rate is the
// beginning of something longer: 100/sync.accept.p99 is a quotient.
func (w *rewritten) continues(after string, variants []string) bool {
	if n, _ := w.name(after[1:], variants); n > 0 {
		return true
	}
	next, _ := utf8.DecodeRuneInString(after[2:])
	return after[2:] != "" && (next == '.' || next == '(' || isNameRune(next))
}

// numberLength returns the length of a number with the letters that stand at
// its end or within it, as in 1m30s.
func numberLength(text string) int {
	for i, r := range text {
		digitFollows := i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9'
		switch {
		case i == 0 && (r < '0' || r > '9'):
			return 0
		case r == '.' && !digitFollows, r != '.' && !isNameRune(r):
			return i
		}
	}
	return len(text)
}

// beginsOperand reports whether a value follows: then a % before it is the
// remainder of a division, and no percent sign.
func beginsOperand(text string) bool {
	text = text[blank(text):]
	if text == "" {
		return false
	}
	t, err := firstToken(text)
	if err != nil {
		return text[0] >= '0' && text[0] <= '9' // a number with a unit
	}
	switch t.Kind {
	case lexer.Identifier, lexer.Number, lexer.String, lexer.Bytes:
		return true
	}
	return t.Is(lexer.Bracket, "(") || t.Is(lexer.Operator, "#")
}

func firstToken(text string) (lexer.Token, error) {
	l := lexer.New()
	l.Reset(file.NewSource(text))
	return l.Next()
}

// tokenLength returns the length in bytes of the token at the start of a text;
// all of the text where expr's lexer refuses it.
func tokenLength(text string) int {
	t, err := firstToken(text)
	if err != nil || t.To <= 0 {
		return len(text)
	}
	runes := 0
	for i := range text {
		if runes == t.To {
			return i
		}
		runes++
	}
	return len(text)
}

// blank returns the length of the white space and comments at the start of a
// text.
func blank(text string) int {
	rest := text
	for {
		end := 0
		switch trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace); {
		case len(trimmed) < len(rest):
			end = len(rest) - len(trimmed)
		case strings.HasPrefix(rest, "//"):
			if end = strings.IndexByte(rest, '\n'); end < 0 {
				end = len(rest)
			}
		case strings.HasPrefix(rest, "/*"):
			if end = strings.Index(rest[2:], "*/") + 4; end < 4 {
				return len(text) - len(rest) // it has no end, which expr's lexer will say
			}
		default:
			return len(text) - len(rest)
		}
		rest = rest[end:]
	}
}

// standsForOther reports whether a letter is one of those that rewrite puts in.
func standsForOther(r rune) bool { return r >= firstName && r <= lastLetter }

func isNameRune(r rune) bool {
	return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// isIdentifier reports whether expr's lexer reads a name as one word.
func isIdentifier(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	return name != "" && !unicode.IsDigit(first) && !strings.ContainsFunc(name, func(r rune) bool { return !isNameRune(r) })
}
