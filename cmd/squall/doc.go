// Command squall runs scenarios against an order pipeline in several variants,
// and says side by side what it cost.
//
// Each command is one file: flags in, the harness (package squall) called, its
// result printed. Output rules: results go to stdout; progress, warnings and
// errors go to stderr, lower case, without a full stop, errors with the prefix
// "squall: ".
package main
