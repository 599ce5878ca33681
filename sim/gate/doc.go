// Package gate says whether a system got worse from one run to another. It has the
// samples of each figure, the rule by which two of them are compared, and the
// baselines in which they are kept.
//
// Start reading at compare.go. sim/measure/figures.go says which figures are
// compared, and from which difference on one matters.
package gate
