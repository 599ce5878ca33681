// Package order is the domain of the pipeline: the states of an order, the
// transitions between them, and the versioned event contracts by which the
// services of the asynchronous variant speak to each other.
//
// Start reading at state.go, then event.go.
package order
