// Package fault holds the faults, one file each: what it does, what it needs,
// its evidence, its heal. A fault registers itself; squall finds it by name.
//
// Start reading at fault.go, then kill.go for a whole one.
package fault
