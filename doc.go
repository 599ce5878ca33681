// Package squall is the harness: it runs scenarios, judges what was recorded, and
// compares results. The command cmd/squall calls it, and so can Go programs and
// benchmarks.
//
//	sc, err := squall.ReadScenario("own.yaml")
//	r, err := squall.Run(ctx, sc, squall.Options{})
//	fmt.Println(r.Verdict, r.Report())
//
// It alone wires the other packages together (catalog.go, dependencies.go).
// Start reading at Run; docs/whats-here.md is the map.
package squall
