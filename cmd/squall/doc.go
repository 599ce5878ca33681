// Command squall stands an order pipeline up in several variants, drives all
// with the same storm, and says side by side what it cost.
//
// Each command is one file. This package is the only one that wires the others
// together, reads the environment and ends the process. Output rules: results
// go to stdout; progress, warnings and errors go to stderr, lower case, without
// a full stop, errors with the prefix "squall: ".
package main
