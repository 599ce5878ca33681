package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"

	"squall/sim"
)

var (
	//go:embed report.html
	page string
	//go:embed parts.html
	parts string
)

// pageData is what a report shows.
type pageData struct {
	Info      sim.RunInfo
	Result    *sim.Result
	Heading   string
	Sentence  string
	Headlines []headline
	Rows      []row
	Variants  []*sim.VariantResult
	Storm     figureData
	Faults    []stormRow // of the first trials
	Repeats   []stormRow
	Time      []groupData
	Spread    []figureData
	Around    []aroundFault
	Orders    []orderList
	Glossary  []term
	Charts    chartData
	Command   string
	Started   string
	assets
}

// chartData is what the page's script draws.
type chartData struct {
	Seconds []float64 `json:"seconds"` // that the points of the shared axis stand for
	Phases  []band    `json:"phases"`
	Faults  []band    `json:"faults"`
	Charts  []chart   `json:"charts"`
}

// figureData is a chart's place on the page, and its picture for paper.
type figureData struct {
	chart
	SVG template.HTML
}

type groupData struct {
	Title   string
	Figures []figureData
}

// HTML renders a run as one page that needs no network and no other file.
func HTML(info sim.RunInfo, r *sim.Result) ([]byte, error) {
	all := present(info, r)
	d := pageData{
		Info: info, Result: r, Heading: heading(r.Verdict), Sentence: sentence(info, r), Headlines: headlines(info, r), Rows: rows(info, r),
		Variants: all, Around: around(all), Glossary: glossary, Command: commandLine(info.Command), Started: info.Started.Format(time.RFC3339),
		Orders: orderLists(all),
	}
	d.Faults, d.Repeats = stormRows(all)
	d.draw(info, all)
	var err error
	if d.assets, err = readAssets(); err != nil {
		return nil, err
	}
	return render(page, d)
}

// draw makes the charts, each of the first trial of every variant.
func (d *pageData) draw(info sim.RunInfo, all []*sim.VariantResult) {
	var sources []source
	seconds := 0
	for _, v := range all {
		seconds = max(seconds, len(v.Trials[0].Series.Offered))
	}
	for i, v := range all {
		s := source{name: v.Variant, colour: variantColour(i)}
		s.series, d.Charts.Seconds = thinned(v.Trials[0].Series, seconds)
		sources = append(sources, s)
	}
	d.Charts.Phases, d.Charts.Faults = phases(info.Scenario.Load), faultBands(info.Scenario, all)
	storm := stormChart(d.Charts.Phases, d.Charts.Seconds)
	d.Storm = figureData{storm, stormSVG(storm, d.Charts.Seconds, d.Charts.Phases, d.Charts.Faults)}
	d.Charts.Charts = []chart{storm}
	d.Time = d.Charts.groups(timeCharts(sources))
	d.Spread = d.Charts.figures(distributions(all))
}

// figures adds charts to those that the script draws, and returns their places on
// the page.
func (d *chartData) figures(charts []chart) (all []figureData) {
	for _, c := range charts {
		all = append(all, figureData{c, c.svg(d.Seconds, d.Faults)})
	}
	d.Charts = append(d.Charts, charts...)
	return all
}

func (d *chartData) groups(groups []group) (all []groupData) {
	for _, g := range groups {
		all = append(all, groupData{g.Title, d.figures(g.Charts)})
	}
	return all
}

// variantColour is the CSS variable of the n-th variant's colour.
func variantColour(n int) string { return fmt.Sprintf("v%d", n%4) }

// render executes a template of a page, with the parts that all pages share.
func render(page string, data any) ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"ms": ms, "percent": percent, "perSecond": perSecond, "mib": mebibytes, "upper": strings.ToUpper,
		"mark": verdictMark, "status": statusOf, "meaning": meaning, "lag": bounded99,
		"gib":        func(b int64) string { return fmt.Sprintf("%.0f GiB", float64(b)/(1<<30)) },
		"thousandth": func(n, of int) string { return fmt.Sprintf("%.3g", 1000*float64(n)/float64(max(1, of))) },
		"late": func(ms float64) string {
			if ms <= lateMS {
				return ""
			}
			return fmt.Sprintf(" (%.0f ms late)", ms)
		},
		"share":    func(v float64) string { return fmt.Sprintf("%.2f", v) },
		"sec":      func(v float64) string { return fmt.Sprintf("%.1f s", v) },
		"first":    func(n int, e []sim.Example) []sim.Example { return e[:min(n, len(e))] },
		"more":     func(shown, of int) int { return of - shown },
		"services": func() []string { return serviceColours },
	}).Parse(unindented(page + parts))
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

// lateMS is a delay in milliseconds: when a fault is injected or healed later than
// that, the report says so.
const lateMS = 50
