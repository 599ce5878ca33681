package reports

import (
	"fmt"
	"slices"
	"strings"

	"squall/sim"
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

// FigureWords says of a figure what its unit is and which values are better, from
// which difference on two runs differ in it, and where else it can be asked for.
func FigureWords(f sim.Figure) map[string]string {
	words := map[string]string{"unit": string(f.Kind)}
	if f.Better != "" {
		words["unit"] += fmt.Sprintf(", %s is better", f.Better)
	}
	if f.Compare != nil {
		words["compared"] = "a difference counts from " + leastEffect(f)
	}
	if f.Live {
		words["conditions"] = "steady and stop can ask for it while a trial goes"
	}
	return words
}

// leastEffect is the least difference that matters in a figure, in words.
func leastEffect(f sim.Figure) string {
	c := f.Compare
	switch {
	case c.Absolute && f.Kind == sim.KindShare:
		return fmt.Sprintf("%.3g points", 100*c.MinEffect)
	case c.Absolute:
		return fmt.Sprintf("%.3g %s", c.MinEffect, shortUnit(f.Kind))
	case c.Floor > 0:
		return fmt.Sprintf("%.3g %%, and %.3g %s", 100*c.MinEffect, c.Floor, shortUnit(f.Kind))
	}
	return fmt.Sprintf("%.3g %%", 100*c.MinEffect)
}

// shortUnit is the unit of a kind as it stands behind a number.
func shortUnit(k sim.Kind) string {
	switch k {
	case sim.KindMilliseconds:
		return "ms"
	case sim.KindSeconds:
		return "s"
	}
	return string(k)
}
