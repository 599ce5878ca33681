package reports

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"

	"github.com/tsenart/vegeta/v12/lib/plot"
)

var (
	//go:embed report.css
	reportCSS string
	//go:embed tables.css
	tablesCSS string
	//go:embed charts.css
	chartsCSS string
	//go:embed media.css
	mediaCSS string

	//go:embed faults.js
	faultsJS string
	//go:embed controls.js
	controlsJS string
	//go:embed report.js
	reportJS string
)

// style is the style sheet of every page. Later rules win over earlier ones, so
// the order counts.
var style = withoutComments(reportCSS + tablesCSS + chartsCSS + mediaCSS)

// script draws the charts of a page. Its files share one function: report.js
// runs when all functions of the others are known.
var script = "(function () {\n\"use strict\";\n" + unindented(faultsJS+controlsJS+reportJS) + "})();\n"

var cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// withoutComments is a style sheet without comments and indentation: every page
// holds all of it, and no browser needs them.
func withoutComments(css string) string {
	return unindented(cssComment.ReplaceAllString(css, ""))
}

// unindented is a script or style sheet without indentation, empty lines and
// lines that are comments of JavaScript. It knows no syntax: a text that spans
// several lines would lose its indentation, too.
func unindented(source string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "//") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// assets are what a page of charts needs beside its own words.
type assets struct {
	Style  template.CSS
	UPlot  template.JS
	Script template.JS
}

func readAssets() (a assets, err error) {
	var js, css string
	if js, err = asset("uPlot.min.js"); err == nil {
		css, err = asset("uPlot.min.css")
	}
	return assets{template.CSS(css + style), template.JS(js), template.JS(script)}, err
}

// asset reads one of the files of the charting library.
func asset(name string) (string, error) {
	f, err := plot.Assets.Open(name)
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	b, err := io.ReadAll(f)
	if err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return string(b), nil
}
