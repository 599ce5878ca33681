package reports

import (
	"fmt"
	"slices"
	"strings"

	"squall/sim/measure"
)

// term is a word with its definition. The report shows it where the word stands,
// and docs/reading-a-report.md has the same words.
type term = measure.Term

// ownWords are the report's words for what is no figure, each with the term of a
// figure after which the glossary has it; "" is the beginning.
var ownWords = []struct{ after, id, name, means string }{
	{"", "intended", "intended",
		"the moment at which the schedule says that a request is due, whether or not the client managed to send it then"},
	{"memory", "difference", "difference",
		"of the second variant from the first. With three or more trials of each: the interval in which the difference " +
			"lies (Hodges-Lehmann, Mann-Whitney), and how sure that is"},
	{"memory", "better", "better",
		"the better of two figures is marked when they differ by more than 5 % and, with four or more trials of each, " +
			"when the interval leaves no doubt on the direction; none is marked when a trial of either is in doubt"},
	{"memory", "evidence", "evidence", "what proves that a fault took hold; without it the trial is unknown"},
	{"drain", "schedule", "schedule",
		"the digest of all requests with their moments: the same for every trial, or they could not be compared"},
	{"drain", "trace", "trace id", "what an order's requests and messages carry through every service (W3C traceparent)"},
}

// glossary is every term: those of the figures, with the report's own among them.
var glossary = slices.Concat(ownWordsAfter(""), figureTerms())

func figureTerms() (all []term) {
	for _, t := range measure.Terms() {
		all = append(append(all, t), ownWordsAfter(t.ID)...)
	}
	return all
}

func ownWordsAfter(id string) (all []term) {
	for _, w := range ownWords {
		if w.after == id {
			all = append(all, term{ID: w.id, Name: w.name, Means: w.means})
		}
	}
	return all
}

// meaning returns the definition of a term; one that is missing is a mistake of
// this package.
func meaning(id string) term {
	for _, t := range glossary {
		if t.ID == id {
			return t
		}
	}
	panic(fmt.Sprintf("reports: no term %q", id))
}

// GlossaryTable is the glossary as a table in Markdown, for the documentation.
func GlossaryTable() string {
	var b strings.Builder
	b.WriteString("| figure | definition |\n|---|---|\n")
	for _, t := range glossary {
		fmt.Fprintf(&b, "| %s | %s |\n", t.Name, t.Means)
	}
	return b.String()
}
