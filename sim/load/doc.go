// Package load sends a schedule's requests, open loop: each when it is due,
// whether or not earlier ones were answered. Latency counts from the moment a
// request was due, so a stall of the system cannot hide behind requests that
// were never sent.
//
// Start reading at attack.go; attempt.go follows one request through the
// transport, request_error.go types what ended it, outcome.go says what counts
// as which outcome.
package load
