// Package link puts a proxy into each edge of the network, so that faults can
// reach it, and measures round trips through it, so that they leave evidence.
//
// Start reading at link.go; edge.go takes connections, relay.go carries them,
// valve.go holds what is done to them. probe.go knows one exchange of each
// protocol.
package link
