package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/url"
	"slices"

	"squall/sim"
)

// IndexEntry is one run of a folder. Result is nil when the run was never judged.
type IndexEntry struct {
	Folder string // the run's folder, relative to the index
	Info   sim.RunInfo
	Result *sim.Result
}

//go:embed index.html
var indexPage string

// indexRow is a run on the page.
type indexRow struct {
	IndexEntry
	Href    string
	Verdict sim.Verdict
	Mark    string
	Figures []indexFigures // by variant
	Why     string
}

// Lines is how many lines of the table the run takes.
func (r indexRow) Lines() int { return max(1, len(r.Figures)) }

type indexFigures struct{ Variant, Accept, Errors, Lag, Violations string }

// Index is a page that lists the runs of a folder, the latest first, each with a
// link to its report.
func Index(title string, entries []IndexEntry) ([]byte, error) {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b IndexEntry) int { return b.Info.Started.Compare(a.Info.Started) })
	var rows []indexRow
	for _, e := range entries {
		row := indexRow{
			IndexEntry: e, Href: url.PathEscape(e.Folder) + "/report.html",
			Verdict: sim.Unknown, Why: "it was never judged: squall check " + e.Folder,
		}
		if e.Result != nil {
			row.Verdict, row.Why = e.Result.Verdict, e.Result.Reasons[:min(2, len(e.Result.Reasons))].String()
			row.Figures = figuresOf(e.Info, e.Result)
		}
		row.Mark = verdictMark(row.Verdict)
		rows = append(rows, row)
	}
	t, err := template.New("index").Parse(unindented(indexPage))
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Title string
		Rows  []indexRow
		Style template.CSS
	}{title, rows, template.CSS(style)})
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return b.Bytes(), nil
}

// figuresOf are the few figures by which a run is recognised.
func figuresOf(info sim.RunInfo, r *sim.Result) (all []indexFigures) {
	for _, name := range info.Scenario.Variants {
		v := r.Variants[name]
		if v == nil {
			continue
		}
		accept, _ := named("accept p99").cell(v)
		lag, _ := named("lag p99").cell(v)
		errors, _ := named("error rate").cell(v)
		all = append(all, indexFigures{name, accept.Text, errors.Text, lag.Text, whole(float64(v.Audit.Violations))})
	}
	return all
}
