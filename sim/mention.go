package sim

import (
	"regexp"
	"slices"
)

// figurePath matches the path of a figure in an expression: a variant, and what
// of it.
var figurePath = regexp.MustCompile(`(?:^|[^.\w])([a-z][a-z0-9_]*)\.([a-z])`)

// Mentions reports whether an expression speaks of a figure of a variant.
func Mentions(expression, variant string) bool {
	return slices.Contains(Mentioned(expression), variant)
}

// Mentioned lists the first parts of the figures that an expression speaks of:
// its variants. (In "async.accept.p99" that is async; there is no sync in it.)
func Mentioned(expression string) (variants []string) {
	for _, m := range figurePath.FindAllStringSubmatch(expression, -1) {
		if !slices.Contains(variants, m[1]) {
			variants = append(variants, m[1])
		}
	}
	return variants
}
