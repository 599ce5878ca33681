// Package record writes and reads what a run leaves: its directory, the history
// and the audit of each trial, and the record of each order that is made from
// them.
//
// Start reading at trial_record.go; read.go reads what older versions wrote.
package record
