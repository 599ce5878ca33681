// Package measure turns a trial's ledger into numbers: latencies from the
// intended time, throughput, convergence lag, backlog and resources, over the
// whole load, per phase, around each fault, and per second.
//
// Start reading at trial.go; docs/reading-a-report.md defines every figure.
package measure
