// Package live shows a run while it goes.
//
// On a terminal the last few lines of the screen show the present moment and are
// kept up to date; lines that are to stay are printed above them. Elsewhere (a
// pipe, a file, TERM=dumb) there are only plain lines, each with the time.
//
// Start reading at Display. What it knows of the run is a watch (watch.go), which
// measures the gauges from the counts it is told; view.go turns a watch into
// lines of text, and screen.go has bubbletea keep those on the terminal.
package live
