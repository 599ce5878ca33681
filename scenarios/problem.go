package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a scenario, and where. Line is 0 where
// there is no place, since the file could not be read: then the text names it.
type Problem struct {
	File      string
	Line, Col int
	Text      string
}

func (p Problem) Error() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Text)
}

// Problems is everything that is wrong with a scenario, in the file's order.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, q := range p {
		lines[i] = q.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted returns the problems in the order of their places, or nil.
func (p Problems) sorted() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return p
}
