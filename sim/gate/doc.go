// Package gate says whether a system got worse from one run to another: samples
// of each figure, the test and the rule by which they are told apart, and the
// baselines in which they are kept.
package gate
