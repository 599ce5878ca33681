// Package measure computes the figures of a trial from its record: latencies from
// the intended time, throughput, convergence lag, backlog and resources, over the
// whole load, per phase, around each fault, and per second.
//
// Start reading at trial.go. figures.go lists every figure, and
// docs/reading-a-report.md has the definitions.
package measure
