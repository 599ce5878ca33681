package squall

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"squall/reports"
	"squall/scenarios"
	"squall/sim"
	"squall/sim/fault"
	"squall/sim/host"
	"squall/sim/record"
)

// MatrixOptions are the settings of a matrix of faults.
type MatrixOptions struct {
	Backings, Variants []string
	Faults             []string // kinds; none means all
	Dir                string   // to write to; "" makes one in the folder runs
	Command            string   // to make it again, for its head
	Observer           Observer
}

// The scenario in which each fault is run. Where a server has to start again,
// there is more time after it.
const matrixScenario = `name: matrix
summary: %q
seed: 7
%sload:
  phases:
    - { name: before, for: 6s, rate: 25/s }
    - { name: fault,  for: 4s, rate: 25/s }
    - { name: after,  for: %s, rate: 25/s }
services:
  provider: { work: { median: 15ms, p99: 60ms } }
faults:
  - %s
variants: [%s]
`

var (
	exampleAt  = regexp.MustCompile(`, at: [0-9a-z]+`)
	exampleFor = regexp.MustCompile(`, for: [0-9a-z]+`)
)

// matrixText is the scenario of one example of a kind of fault.
func matrixText(k sim.FaultKind, example string, variants []string) (text, line string) {
	line = exampleFor.ReplaceAllString(exampleAt.ReplaceAllString(example, ", at: 6s"), ", for: 4s")
	cluster := ""
	if k.Nodes > 1 {
		cluster = fmt.Sprintf("backing: { rabbitmq: { nodes: %d } }\n", k.Nodes)
	}
	after := "8s"
	if k.Class == sim.TargetServer || k.Nodes > 1 {
		after = "16s"
	}
	return fmt.Sprintf(matrixScenario, k.Summary, cluster, after, line, strings.Join(variants, ", ")), line
}

// Matrix runs each kind of fault, as in its examples, in a short scenario of its
// own, on every variant and backend that has it, and writes matrix.md, matrix.json
// and matrix.html. What was found before an error is written and returned with it.
func Matrix(ctx context.Context, o MatrixOptions) (m reports.Matrix, dir string, err error) {
	kinds, err := matrixKinds(o)
	if err != nil {
		return m, "", err
	}
	started := time.Now().UTC()
	if o.Dir == "" {
		o.Dir = filepath.Join("runs", started.Format("20060102T150405Z")+"-matrix")
	}
	if _, err := createRunDir(o.Dir); err != nil {
		return m, "", err
	}
	m = reports.Matrix{
		Schema: reports.MatrixSchema, Command: o.Command, Started: started,
		Machine: host.Describe(), Versions: Versions(), Servers: map[string]string{},
	}
	for _, b := range o.Backings {
		if err = matrixBacking(ctx, b, kinds, o, &m); err != nil {
			break // what was found until then is written
		}
	}
	return m, o.Dir, errors.Join(err, writeMatrix(o.Dir, m))
}

// matrixKinds are the kinds of faults that are asked for; all names are checked.
func matrixKinds(o MatrixOptions) (kinds []sim.FaultKind, err error) {
	for _, name := range o.Backings {
		if _, err := parseBacking(name); err != nil {
			return nil, err
		}
	}
	variants := Catalog().Variants
	for _, v := range o.Variants {
		if !slices.Contains(variants, v) {
			return nil, usage(fmt.Errorf("no variant named %q, expected one of %s", v, strings.Join(variants, ", ")))
		}
	}
	for _, name := range o.Faults {
		if _, ok := fault.Kinds()[name]; !ok {
			return nil, usage(fmt.Errorf("no fault named %q; squall list faults shows them", name))
		}
	}
	for _, k := range fault.Sorted() {
		if len(o.Faults) == 0 || slices.Contains(o.Faults, k.Name) {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}

// matrixBacking runs all kinds on one backing: those that need a cluster after
// the others, on servers of their own.
func matrixBacking(ctx context.Context, name string, kinds []sim.FaultKind, o MatrixOptions, m *reports.Matrix) error {
	chosen, err := parseBacking(name)
	if err != nil {
		return err
	}
	byNodes := map[int][]sim.FaultKind{}
	for _, k := range kinds {
		byNodes[max(1, k.Nodes)] = append(byNodes[max(1, k.Nodes)], k)
	}
	for _, nodes := range []int{1, 3} {
		group := byNodes[nodes]
		possible := slices.ContainsFunc(group, func(k sim.FaultKind) bool { return chosen.Lacks(k, k.Only) == "" })
		if !possible {
			for _, k := range group {
				for _, example := range append([]string{k.Example}, k.More...) {
					m.Rows = append(m.Rows, absent(k, example, name, o.Variants, chosen.Lacks(k, k.Only))...)
				}
			}
			continue
		}
		bed, closeBed, err := openTestbed(ctx, name, nodes, filepath.Join(o.Dir, fmt.Sprintf("%s-%d", name, nodes)), observer(o.Observer))
		if err != nil {
			return err
		}
		served := bed.backing.Info().Servers
		key := name
		if nodes > 1 {
			key = fmt.Sprintf("%s, %d nodes", name, nodes)
		}
		m.Servers[key] = served["broker"] + "; " + served["database"]
		err = bed.matrixAll(ctx, group, o.Variants, m)
		closeBed()
		if err != nil {
			return err
		}
	}
	return nil
}

// matrixAll runs every example of some kinds.
func (b *testbed) matrixAll(ctx context.Context, kinds []sim.FaultKind, variants []string, m *reports.Matrix) error {
	for _, k := range kinds {
		for n, example := range append([]string{k.Example}, k.More...) {
			rows, err := b.matrix(ctx, k, n, example, variants)
			m.Rows = append(m.Rows, rows...)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// absent are the rows of a fault that cannot be had.
func absent(k sim.FaultKind, example, backing string, variants []string, why string) (rows []reports.MatrixRow) {
	_, line := matrixText(k, example, variants)
	for _, v := range variants {
		rows = append(rows, reports.MatrixRow{Fault: line, Kind: k.Name, Group: k.Group, Backing: backing, Variant: v, Why: why})
	}
	return rows
}

// matrix runs the nth example of a kind of fault.
func (b *testbed) matrix(ctx context.Context, k sim.FaultKind, n int, example string, variants []string) (
	rows []reports.MatrixRow, err error) {
	chosen, err := parseBacking(b.name)
	if err != nil {
		return nil, err
	}
	systems := Catalog().Systems
	var able []string
	text, _ := matrixText(k, example, Catalog().Variants)
	sc, err := scenarios.Parse("matrix-"+k.Name+".yaml", []byte(text), Catalog())
	if err != nil {
		return nil, err
	}
	for _, v := range variants {
		_, absence := k.Resolve(sc.Faults[0].Target, systems[v])
		if why := chosen.Cannot(k, sc.Faults[0].Target, []sim.System{systems[v]}); absence != nil {
			rows = append(rows, absent(k, example, b.name, []string{v}, absence.Error())...)
		} else if why != "" {
			rows = append(rows, absent(k, example, b.name, []string{v}, why)...)
		} else {
			able = append(able, v)
		}
	}
	if len(able) == 0 {
		return rows, nil
	}
	text, line := matrixText(k, example, able)
	if sc, err = scenarios.Parse("matrix-"+k.Name+".yaml", []byte(text), Catalog()); err != nil {
		return rows, err
	}
	label := k.Name
	if n > 0 {
		label = fmt.Sprintf("%s-%d", k.Name, n+1)
	}
	r, err := b.run(ctx, label, Scenario{Scenario: sc, Given: "matrix-" + k.Name + ".yaml", File: "matrix-" + k.Name + ".yaml", Text: text})
	if err != nil {
		return rows, err
	}
	for _, v := range able {
		rows = append(rows, matrixRow(k, line, b.name, r.Variants[v]))
	}
	return rows, nil
}

// writeMatrix writes the three forms.
func writeMatrix(dir string, m reports.Matrix) error {
	html, err := m.HTML()
	if err != nil {
		return err
	}
	return errors.Join(
		record.WriteJSON(filepath.Join(dir, "matrix.json"), m),
		record.WriteFile(filepath.Join(dir, "matrix.html"), html),
		record.WriteFile(filepath.Join(dir, "matrix.md"), []byte(m.Markdown())))
}
