package reports

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tsenart/vegeta/v12/lib/plot"

	"squall/sim"
	"squall/sim/measure"
)

var (
	//go:embed report.html
	page string
	//go:embed report.css
	style string
	//go:embed report.js
	script string
)

// pageData is what the page shows.
type pageData struct {
	Info     sim.RunInfo
	Result   *sim.Result
	Heading  string
	Sentence string
	Rows     []row
	Variants []*sim.VariantResult
	Charts   chartData
	Plain    []plain
	Style    template.CSS
	UPlot    template.JS
	Script   template.JS
	Command  string
	Started  string
}

// chartData is what the page's script draws.
type chartData struct {
	Variants []string              `json:"variants"`
	Seconds  []float64             `json:"seconds"` // that the points of the series stand for
	Series   map[string]sim.Series `json:"series"`  // of each variant's first trial
	Phases   []band                `json:"phases"`
	Faults   []band                `json:"faults"`
	// Distributions are of all trials of each variant, by figure and variant.
	Distributions []distribution `json:"distributions"`
}

// distribution is a figure laid out by percentile.
type distribution struct {
	Title string                          `json:"title"`
	Note  string                          `json:"note"`
	Lines map[string][]measure.Percentile `json:"lines"` // by variant
}

// band is a stretch of time, in seconds from the start of the load.
type band struct {
	Name   string  `json:"name"`
	From   float64 `json:"from"`
	To     float64 `json:"to"`
	Colour string  `json:"colour,omitempty"` // of a fault: its group's
}

// HTML renders a run as one page that needs nothing else: no network, no
// other file.
func HTML(info sim.RunInfo, r *sim.Result) ([]byte, error) {
	js, err := asset("uPlot.min.js")
	if err != nil {
		return nil, err
	}
	css, err := asset("uPlot.min.css")
	if err != nil {
		return nil, err
	}
	d := pageData{
		Info: info, Result: r, Heading: heading(r.Verdict), Sentence: sentence(info, r), Rows: rows(info, r),
		Charts: charts(info, r), Style: template.CSS(css + style), UPlot: template.JS(js), Script: template.JS(script),
		Command: strings.Join(info.Command, " "), Started: info.Started.Format(time.RFC3339),
	}
	d.Plain = plains(d.Charts)
	for _, name := range info.Scenario.Variants {
		if v := r.Variants[name]; v != nil {
			d.Variants = append(d.Variants, v)
		}
	}
	t, err := template.New("report").Funcs(template.FuncMap{
		"ms": ms, "percent": percent, "perSecond": perSecond, "mib": mebibytes, "upper": strings.ToUpper,
		"mark":       verdictMark,
		"gib":        func(b int64) string { return fmt.Sprintf("%.0f GiB", float64(b)/(1<<30)) },
		"since":      func(at, first int64) string { return fmt.Sprintf("+%.1f ms", float64(at-first)/1e6) },
		"detail":     eventDetail,
		"thousandth": func(n, of int) string { return fmt.Sprintf("%.3g", 1000*float64(n)/float64(max(1, of))) },
		"lag": func(c sim.Convergence) string {
			if slices.Contains(c.AtLeast, "p99") {
				return "≥ " + ms(c.P99)
			}
			return ms(c.P99)
		},
		"late": func(ms float64) string {
			if ms <= lateMS {
				return ""
			}
			return fmt.Sprintf(" (%.0f ms late)", ms)
		},
		"sec": func(v float64) string { return fmt.Sprintf("%.1f s", v) },
	}).Parse(page)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

// lateMS is how late a step of a fault may be begun without a word about it.
const lateMS = 50

// verdictMark is a verdict for those who do not see colours.
func verdictMark(v sim.Verdict) string {
	return map[sim.Verdict]string{sim.Pass: "✓", sim.Fail: "✗", sim.Unknown: "?"}[v]
}

// asset reads one of the files of the charting library.
func asset(name string) (string, error) {
	f, err := plot.Assets.Open(name)
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return string(b), nil
}

// eventDetail says what there is to say of an event beside its kind.
func eventDetail(e sim.Event) string {
	var parts []string
	for _, p := range []string{e.Outcome, e.Message, e.Key, e.Detail} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if e.Status > 0 {
		parts = append(parts, fmt.Sprintf("status %d", e.Status))
	}
	if e.From != "" || e.To != "" {
		parts = append(parts, strings.TrimPrefix(e.From+" → ", " → ")+e.To)
	}
	return strings.Join(parts, ", ")
}

func charts(info sim.RunInfo, r *sim.Result) chartData {
	c := chartData{Series: map[string]sim.Series{}, Phases: []band{}, Faults: []band{}, Distributions: distributions(r)}
	var at time.Duration
	for _, p := range info.Scenario.Load.Phases {
		c.Phases = append(c.Phases, band{Name: p.Name, From: at.Seconds(), To: (at + p.For).Seconds()})
		at += p.For
	}
	for i, f := range info.Scenario.Faults {
		b := band{f.Kind + " " + f.Target, f.At.Seconds(), f.At.Seconds(), sim.FaultKind{Group: f.Group}.Colour()}
		for _, v := range r.Variants {
			for _, seen := range v.Trials[0].Faults {
				if seen.Number == i+1 {
					b.To = max(b.To, seen.To)
				}
			}
		}
		c.Faults = append(c.Faults, b)
	}
	seconds := 0
	for _, v := range r.Variants {
		seconds = max(seconds, len(v.Trials[0].Series.Offered))
	}
	for _, name := range info.Scenario.Variants {
		if v := r.Variants[name]; v != nil {
			c.Variants = append(c.Variants, name)
			c.Series[name], c.Seconds = thinned(v.Trials[0].Series, seconds)
		}
	}
	return c
}

// distributions lays out the latencies of every variant.
func distributions(r *sim.Result) []distribution {
	all := []distribution{
		{"Accept latency by percentile", "answer - intended; both axes logarithmic, so that each nine has the same room", map[string][]measure.Percentile{}},
		{"Complete latency by percentile", "terminal state committed - intended, of accepted orders", map[string][]measure.Percentile{}},
	}
	for name, v := range r.Variants {
		all[0].Lines[name] = measure.Percentiles(v.Accept.Latency)
		all[1].Lines[name] = measure.Percentiles(v.Complete)
	}
	return all
}
