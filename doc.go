// Package squall calls scenarios from Go benchmarks; the command is cmd/squall, and
// docs/whats-here.md is the map.
package squall
