// Package run carries out the trials of a run: it deploys a system, drives load and
// faults on one clock, drains, reads the final records, and takes everything down
// again.
//
// Start reading at Run, whose comment tells the steps, and at trial.go.
package run
