// Package reports turns a run and its result into something to look at: a
// self-contained HTML page, Markdown, and a summary for the terminal.
//
// Start reading at html.go; compare.go decides what is better, for all of them.
package reports
