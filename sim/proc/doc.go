// Package proc starts the processes under test and holds them: real operating
// system processes that become ready, are killed, paused, started again and
// metered. A child ends with the harness: its standard input closes, and on
// Linux the kernel kills it when the harness dies.
//
// Start reading at process.go.
package proc
