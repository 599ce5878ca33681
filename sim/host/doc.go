// Package host is a machine on which processes and links live. Local is the one
// that squall itself runs on.
//
// Start reading at local.go.
package host
