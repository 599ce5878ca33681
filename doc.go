// Package squall is the root of the module; it holds no code. The command is
// cmd/squall, and docs/whats-here.md is the map.
package squall
