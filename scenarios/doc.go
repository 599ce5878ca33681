// Package scenarios reads scenario files and holds the library of them. A file
// is checked in full before anything starts: every problem is reported with
// its line and column, what was seen and what was expected.
//
// Start reading at parse.go; the library is the *.yaml files beside it.
// expression.go reads conditions and expectations, keys.go has the texts of the
// schema and of docs/scenario-file.md.
package scenarios
