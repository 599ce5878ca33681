package reports

import (
	"strings"
	"testing"
)

func TestUnindented(t *testing.T) {
	for _, c := range []struct{ why, source, want string }{
		{"indentation and empty lines go", "a {\n\n  b: c;\n}\n", "a {\nb: c;\n}\n"},
		{"a line that is a comment goes", "x();\n  // why\ny();\n", "x();\ny();\n"},
		{"two slashes within a line are no comment", "const at = \"https://x\";\n", "const at = \"https://x\";\n"},
		{"words that two lines part stay apart", "<b>a</b>\n  <i>b</i>", "<b>a</b>\n<i>b</i>\n"},
	} {
		if got := unindented(c.source); got != c.want {
			t.Errorf("%s: %q, expected %q", c.why, got, c.want)
		}
	}
}

// TestAssetsCarryNoComments: every page holds the style sheet and the script, so
// what no browser needs must not be among them, and everything else must.
func TestAssetsCarryNoComments(t *testing.T) {
	for name, text := range map[string]string{"the style sheet": style, "the script": script} {
		if strings.Contains(text, "/*") || strings.Contains(text, "\n//") || strings.Contains(text, "\n ") {
			t.Errorf("%s has comments or indentation", name)
		}
	}
	sheet := reportCSS + tablesCSS + chartsCSS + mediaCSS
	for _, part := range []string{"{", "}", ";", ","} {
		want := strings.Count(cssComment.ReplaceAllString(sheet, ""), part)
		if got := strings.Count(style, part); got != want || got == 0 {
			t.Errorf("the style sheet has %d of %q, its files %d", got, part, want)
		}
	}
}
