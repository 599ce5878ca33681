// Package sim is the vocabulary of squall and its ports: what a scenario, a
// system, a fault and a result are made of, every kind of event that a history can
// hold, and what a host, a process, a link and a server must be able to do. It
// holds no code that acts, reads or writes.
//
// The packages below it do one thing each: run (one trial), record (files and what
// is read from them), host, proc and link (where a system stands), backend
// (servers), load, fault, measure, check, gate, and clock.
//
// Start reading at event.go, system.go and result.go; sim/run.Run tells a run step
// by step.
package sim
