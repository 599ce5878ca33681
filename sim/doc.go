// Package sim is the vocabulary of squall and the run: scenario, system, plan,
// schedule, event, history, result, and the steps that lead from one to the
// next. The packages below it do one thing each (load, fault, link, proc,
// backing, measure, check) and know only this one.
//
// Start reading at Run, whose comment tells a run step by step, and at event.go,
// which lists everything that a history can hold.
package sim
