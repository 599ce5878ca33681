package reports

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"squall/sim"
)

// The room that the summary of a run takes on a terminal.
const (
	terminalColumns = 80
	terminalLines   = 20
)

// Terminal is the summary that a run ends with. With the line that says where
// the report is, it fits 20 lines of 80 columns; when there is more to tell than
// that, what did not pass comes first and the report has the rest.
func Terminal(info sim.RunInfo, r *sim.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s  (%s, %s, seed %d)\n\n", info.Scenario.Name, strings.ToUpper(string(r.Verdict)),
		brief(info.Backing.Servers["broker"]), brief(info.Backing.Servers["database"]), info.Scenario.Seed)
	w := tabwriter.NewWriter(&b, 0, 8, 3, ' ', 0)
	fmt.Fprintf(w, "\t%s\n", strings.Join(info.Scenario.Variants, "\t"))
	for _, line := range rows(info, r) {
		if !line.Brief {
			continue
		}
		cells := []string{line.Name}
		for _, c := range line.Values {
			if c.Better {
				c.Text += " *"
			}
			cells = append(cells, c.Text)
		}
		fmt.Fprintln(w, strings.Join(append(cells, line.Difference), "\t"))
	}
	_ = w.Flush() // into a strings.Builder: cannot fail
	b.WriteString("\n")
	lines := strings.Split(b.String(), "\n")
	rest := fit(outcome(r), terminalLines-len(lines)) // and the line with the report
	lines = append(lines[:len(lines)-1], rest...)
	for i, l := range lines {
		if r := []rune(l); len(r) > terminalColumns { // a row of many variants
			l = string(r[:terminalColumns-3]) + "..."
		}
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// brief is a server's name without its version, which stands in parentheses.
func brief(server string) string {
	name, _, _ := strings.Cut(server, " (")
	return name
}

// outcome has a line for each expectation and each reason: first the expectations
// that failed, then the reasons, then the unknown ones, then those that passed. Of
// a run that passed, the reasons come last.
func outcome(r *sim.Result) []string {
	byVerdict := map[sim.Verdict][]string{}
	for _, e := range r.Expect {
		text := fmt.Sprintf("%-7s  %s", e.Verdict, e.Text)
		if e.Verdict == sim.Fail {
			text += " (" + e.Detail + ")"
		}
		byVerdict[e.Verdict] = append(byVerdict[e.Verdict], text)
	}
	var reasons []string
	for _, why := range r.Reasons {
		if why.Kind != sim.ReasonExpectation { // those are there already
			reasons = append(reasons, why.Text)
		}
	}
	if r.Verdict == sim.Pass {
		return append(byVerdict[sim.Pass], reasons...)
	}
	return slices.Concat(byVerdict[sim.Fail], reasons, byVerdict[sim.Unknown], byVerdict[sim.Pass])
}

// fit wraps lines, keeps as many as there is room for, and says in the last one how
// many are left out.
func fit(all []string, room int) (lines []string) {
	for i, text := range all {
		wrapped := wrap(text, terminalColumns)
		last := i == len(all)-1
		if len(lines)+len(wrapped) > room || !last && len(lines)+len(wrapped) == room {
			return append(lines, fmt.Sprintf("... and %d more, in the report", len(all)-i))
		}
		lines = append(lines, wrapped...)
	}
	return lines
}

// wrap breaks text between words into lines of so many columns at most, the later
// ones indented; a word that is longer than a line is cut.
func wrap(text string, columns int) (lines []string) {
	const indent = "         "
	line := []rune(nil)
	for i, word := range strings.SplitAfter(text, " ") {
		w := []rune(word)
		if i > 0 && len(line)+len([]rune(strings.TrimRight(word, " "))) > columns {
			lines = append(lines, strings.TrimRight(string(line), " "))
			line = []rune(indent)
		}
		line = append(line, w...)
		if len(line) > columns+1 {
			line = append(line[:columns-3], []rune("...")...)
		}
	}
	return append(lines, strings.TrimRight(string(line), " "))
}

// The room that a summary takes in a pull request.
const (
	markdownExpectations = 12
	markdownReasons      = 10
)

// Markdown is the summary for a pull request or a CI job: under 60 lines.
func Markdown(info sim.RunInfo, r *sim.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## squall: %s: %s %s\n\n%s\n\n**%s**\n\n", cellText(info.Scenario.Name),
		verdictMark(r.Verdict), heading(r.Verdict), cellText(info.Scenario.Summary), cellText(sentence(info, r)))
	markdownFigures(&b, info, r)
	markdownVerdicts(&b, r)
	fmt.Fprintf(&b, "\nBacking: %s (%s, %s). Seed %d, %d requests a trial, %d trials.\n", info.Backing.Name,
		info.Backing.Servers["broker"], info.Backing.Servers["database"], info.Scenario.Seed, info.Requests, len(info.Trials))
	return b.String()
}

// markdownFigures writes the scoreboard as a table.
func markdownFigures(b *strings.Builder, info sim.RunInfo, r *sim.Result) {
	two := len(info.Scenario.Variants) == 2
	head, rule := strings.Join(info.Scenario.Variants, " | "), strings.Repeat("---:|", len(info.Scenario.Variants))
	if two {
		head, rule = head+" | difference", rule+"---:|"
	}
	fmt.Fprintf(b, "| figure | %s |\n|---|%s\n", head, rule)
	for _, line := range rows(info, r) {
		fmt.Fprintf(b, "| %s |", line.Name)
		for _, c := range line.Values {
			if c.Better {
				c.Text = "**" + c.Text + "** " + passMark
			}
			fmt.Fprintf(b, " %s |", c.Text)
		}
		if two {
			difference := line.Difference
			if line.Interval != "" {
				difference += " (" + line.Interval + ")"
			}
			fmt.Fprintf(b, " %s |", difference)
		}
		b.WriteString("\n")
	}
}

// markdownVerdicts writes the expectations as a table, and the reasons below it.
func markdownVerdicts(b *strings.Builder, r *sim.Result) {
	b.WriteString("\n| expectation | verdict |\n|---|---|\n")
	for i, e := range worstFirst(r.Expect) {
		if i == markdownExpectations {
			fmt.Fprintf(b, "| and %d more | |\n", len(r.Expect)-i)
			break
		}
		fmt.Fprintf(b, "| `%s` | %s %s |\n", cellText(e.Text), verdictMark(e.Verdict), e.Verdict)
	}
	for i, why := range r.Reasons {
		if i == 0 {
			b.WriteString("\n")
		}
		if i == markdownReasons {
			fmt.Fprintf(b, "- and %d more, in the report\n", len(r.Reasons)-i)
			break
		}
		fmt.Fprintf(b, "- %s\n", cellText(why.Text))
	}
}

// worstFirst orders expectations so that those that fail are never left out.
func worstFirst(all []sim.Expectation) (ordered []sim.Expectation) {
	for _, v := range []sim.Verdict{sim.Fail, sim.Unknown, sim.Pass} {
		for _, e := range all {
			if e.Verdict == v {
				ordered = append(ordered, e)
			}
		}
	}
	return ordered
}

// cellText keeps text within one cell of a Markdown table.
func cellText(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "`", "'").Replace(s)
}
