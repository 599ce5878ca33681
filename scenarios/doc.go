// Package scenarios reads scenario files and holds the library of them. A file
// is checked in full before anything starts: every problem is reported with
// its line and column, what was seen and what was expected.
//
// Start reading at parse.go; the library is the *.yaml files beside it.
package scenarios
