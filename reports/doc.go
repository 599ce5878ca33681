// Package reports shows what a run found: as one HTML page, as Markdown, as text
// for a terminal, as JUnit XML and in the Go benchmark format. Further pages show
// several runs: an index of a folder, runs laid over each other, the trend of
// saved results, the matrix of faults, and the comparison of two sides.
//
// Start reading at html.go, which puts the page of a run together. scoreboard.go
// has the figures and decides which variant's is marked as the better one;
// marks.go has the marks of verdicts; assets.go has the style sheet and the script
// of the pages.
package reports
