// Package check judges a trial: one file per invariant, each a function from
// the record of a trial to a verdict. A check that cannot know says unknown.
//
// Start reading at check.go, then no_loss.go for an example.
package check
