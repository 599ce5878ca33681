package reports

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"squall/sim"
)

// Terminal is the summary that a run ends with: about 20 lines of 80 columns.
func Terminal(info sim.RunInfo, r *sim.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s  (%s, %s, seed %d)\n\n", info.Scenario.Name, strings.ToUpper(string(r.Verdict)),
		info.Backing.Servers["broker"], info.Backing.Servers["database"], info.Scenario.Seed)
	w := tabwriter.NewWriter(&b, 0, 8, 3, ' ', 0)
	fmt.Fprintf(w, "\t%s\n", strings.Join(info.Scenario.Variants, "\t"))
	for _, line := range rows(info, r) {
		cells := []string{line.Name}
		for _, c := range line.Values {
			if c.Better {
				c.Text += " *"
			}
			cells = append(cells, c.Text)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	w.Flush() // into a strings.Builder: cannot fail
	b.WriteString("\n")
	for _, e := range r.Expect {
		fmt.Fprintf(&b, "%-7s  %s\n", e.Verdict, e.Text)
		if e.Verdict != sim.Pass {
			fmt.Fprintf(&b, "         %s\n", e.Detail)
		}
	}
	if len(r.Reasons) > 0 {
		b.WriteString("\n")
	}
	for i, why := range r.Reasons {
		if i == 8 {
			fmt.Fprintf(&b, "... and %d more, in result.json\n", len(r.Reasons)-i)
			break
		}
		fmt.Fprintln(&b, why)
	}
	return b.String()
}

// Markdown is the summary for a pull request or a CI job.
func Markdown(info sim.RunInfo, r *sim.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## squall: %s: %s\n\n%s\n\n%s\n\n", cellText(info.Scenario.Name), heading(r.Verdict), cellText(info.Scenario.Summary), sentence(info, r))
	fmt.Fprintf(&b, "| figure | %s |\n|---|%s\n", strings.Join(info.Scenario.Variants, " | "), strings.Repeat("---:|", len(info.Scenario.Variants)))
	for _, line := range rows(info, r) {
		fmt.Fprintf(&b, "| %s |", line.Name)
		for _, c := range line.Values {
			if c.Better {
				c.Text = "**" + c.Text + "**"
			}
			fmt.Fprintf(&b, " %s |", c.Text)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| expectation | verdict |\n|---|---|\n")
	for _, e := range r.Expect {
		fmt.Fprintf(&b, "| `%s` | %s |\n", cellText(e.Text), e.Verdict)
	}
	for i, why := range r.Reasons {
		if i == 0 {
			b.WriteString("\n")
		}
		if i == 10 {
			break
		}
		fmt.Fprintf(&b, "- %s\n", cellText(why))
	}
	fmt.Fprintf(&b, "\nBacking: %s (%s, %s). Seed %d, %d requests a trial.\n", info.Backing.Name,
		info.Backing.Servers["broker"], info.Backing.Servers["database"], info.Scenario.Seed, info.Requests)
	return b.String()
}

// cellText keeps text within one cell of a Markdown table.
func cellText(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "`", "'").Replace(s)
}

// The size of the chart that squall plan draws.
const (
	planColumns = 72
	planRows    = 8
)

// PlanChart draws the rate over time, and below it the faults.
func PlanChart(sc sim.Scenario) string {
	total := sc.Load.Duration()
	if total <= 0 {
		return ""
	}
	rates := make([]float64, planColumns)
	peak := 0.0
	for i := range rates {
		rates[i] = rateAt(sc.Load, total*time.Duration(2*i+1)/(2*planColumns))
		peak = max(peak, rates[i])
	}
	var b strings.Builder
	for level := planRows; level >= 1; level-- {
		label := ""
		if level == planRows {
			label = fmt.Sprintf("%.0f/s", peak)
		}
		fmt.Fprintf(&b, "%7s ", label)
		for _, r := range rates {
			b.WriteRune(bar(r/max(peak, 1e-9)*planRows - float64(level-1)))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%7s %s\n", "", phaseNames(sc.Load, total))
	for _, f := range sc.Faults {
		at := int(int64(planColumns) * int64(f.At) / int64(total))
		fmt.Fprintf(&b, "%7s %s^ %s %s\n", "", strings.Repeat(" ", at), f.Kind, f.Target)
	}
	fmt.Fprintf(&b, "%7s 0s%*s\n", "", planColumns-2, total)
	return b.String()
}

func bar(filled float64) rune {
	eighths := []rune(" ▁▂▃▄▅▆▇█")
	return eighths[int(min(max(filled, 0), 1)*8)]
}

func rateAt(l sim.Load, at time.Duration) float64 {
	var start time.Duration
	for _, p := range l.Phases {
		if at < start+p.For {
			return p.From + (p.To-p.From)*float64(at-start)/float64(p.For)
		}
		start += p.For
	}
	return 0
}

func phaseNames(l sim.Load, total time.Duration) string {
	line := []rune(strings.Repeat(" ", planColumns))
	var start time.Duration
	for _, p := range l.Phases {
		from := int(int64(planColumns) * int64(start) / int64(total))
		to := int(int64(planColumns) * int64(start+p.For) / int64(total))
		for i, r := range []rune("|" + p.Name) {
			if from+i < to {
				line[from+i] = r
			}
		}
		start += p.For
	}
	return string(line)
}
