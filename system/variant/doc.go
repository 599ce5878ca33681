// Package variant is the wiring: which processes a variant has, who calls whom
// over which link, and where work enters. It holds no behaviour; that is in
// system/service and the same for all variants.
//
// Start reading at variant.go; sync.go and async.go are one variant each. A
// new variant is one more such file.
package variant
