package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"squall/reports"
	"squall/scenarios"
	"squall/sim"
	"squall/sim/backend"
	"squall/sim/fault"
	"squall/sim/record"
)

// matrixFlags are the settings of squall matrix.
type matrixFlags struct {
	backings, variants, faults []string
	out                        string
}

func newMatrix() *cobra.Command {
	var f matrixFlags
	c := &cobra.Command{
		Use:   "matrix",
		Short: "Run every fault on every variant and backing, and write a table of what each did",
		Long: `Run each kind of fault, as in its example, in a short scenario of its own, on
every variant and backing that has it, and write matrix.md, matrix.json and
matrix.html with its evidence, what was lost, doubled and oversold, the errors
while it was in force and the recovery. The run directories stay beside them.

Exit codes: 0 each fault is evident and no asynchronous variant violated
anything, 1 one did, 2 something is unknown, 3 squall itself or a server failed.`,
		Example: "  squall matrix --backing embedded\n  squall matrix --fault kill,pause --variant async --out matrix",
		Args:    args(cobra.NoArgs),
		RunE:    func(c *cobra.Command, _ []string) error { return matrix(c, f) },
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.backings, "backing", []string{"embedded", "container"}, "backings")
	flags.StringSliceVar(&f.variants, "variant", catalog().Variants, "variants")
	flags.StringSliceVar(&f.faults, "fault", nil, "kinds of faults (default: all)")
	flags.StringVar(&f.out, "out", "", "directory to write to (default runs/<UTC>-matrix)")
	return c
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

func matrix(c *cobra.Command, f matrixFlags) error {
	kinds, err := matrixKinds(f)
	if err != nil {
		return err
	}
	started := time.Now().UTC()
	if f.out == "" {
		f.out = filepath.Join("runs", started.Format("20060102T150405Z")+"-matrix")
	}
	if _, err := record.CreateRunDir(f.out); err != nil {
		return err
	}
	m := reports.Matrix{
		Schema: reports.MatrixSchema, Command: strings.Join(append([]string{"squall"}, os.Args[1:]...), " "), Started: started,
		Machine: machine(), Versions: versions(), Servers: map[string]string{},
	}
	for _, b := range f.backings {
		if err = matrixBacking(c.Context(), b, kinds, f, &m, c.ErrOrStderr()); err != nil {
			break // what was found until then is written
		}
	}
	if writeErr := writeMatrix(f.out, m, c.OutOrStdout()); err == nil {
		err = writeErr
	}
	if err == nil && m.Verdict() != sim.Pass {
		err = verdictError{m.Verdict()}
	}
	return err
}

// matrixKinds are the kinds of faults that are asked for; all names are checked.
func matrixKinds(f matrixFlags) (kinds []sim.FaultKind, err error) {
	for _, name := range f.backings {
		if _, err := backend.Find(name); err != nil {
			return nil, usageError{fmt.Errorf("%w, expected embedded or container", err)}
		}
	}
	for _, v := range f.variants {
		if !slices.Contains(catalog().Variants, v) {
			return nil, usageError{fmt.Errorf("no variant named %q, expected one of %s", v, strings.Join(catalog().Variants, ", "))}
		}
	}
	for _, name := range f.faults {
		if _, ok := fault.Kinds()[name]; !ok {
			return nil, usageError{fmt.Errorf("no fault named %q; squall list faults shows them", name)}
		}
	}
	for _, k := range fault.Sorted() {
		if len(f.faults) == 0 || slices.Contains(f.faults, k.Name) {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}

// matrixBacking runs all kinds on one backing: those that need a cluster after
// the others, on servers of their own.
func matrixBacking(ctx context.Context, name string, kinds []sim.FaultKind, f matrixFlags, m *reports.Matrix, progress io.Writer) error {
	byNodes := map[int][]sim.FaultKind{}
	for _, k := range kinds {
		byNodes[max(1, k.Nodes)] = append(byNodes[max(1, k.Nodes)], k)
	}
	for _, nodes := range []int{1, 3} {
		group := byNodes[nodes]
		possible := slices.ContainsFunc(group, func(k sim.FaultKind) bool { return len(k.Backings) == 0 || slices.Contains(k.Backings, name) })
		if !possible {
			for _, k := range group {
				for _, example := range append([]string{k.Example}, k.More...) {
					m.Rows = append(m.Rows, absent(k, example, name, f.variants, "use --backing "+strings.Join(k.Backings, " or "))...)
				}
			}
			continue
		}
		l, closeLab, err := openTestbed(ctx, name, nodes, filepath.Join(f.out, fmt.Sprintf("%s-%d", name, nodes)), progress)
		if err != nil {
			return err
		}
		served := l.backend.Info().Servers
		key := name
		if nodes > 1 {
			key = fmt.Sprintf("%s, %d nodes", name, nodes)
		}
		m.Servers[key] = served["broker"] + "; " + served["database"]
		err = l.matrixAll(ctx, group, f.variants, m)
		closeLab()
		if err != nil {
			return err
		}
	}
	return nil
}

// matrixAll runs every example of some kinds.
func (l *testbed) matrixAll(ctx context.Context, kinds []sim.FaultKind, variants []string, m *reports.Matrix) error {
	for _, k := range kinds {
		for n, example := range append([]string{k.Example}, k.More...) {
			rows, err := l.matrix(ctx, k, n, example, variants)
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
func (l *testbed) matrix(ctx context.Context, k sim.FaultKind, n int, example string, variants []string) (rows []reports.MatrixRow, err error) {
	flavour, err := backend.Find(l.name)
	if err != nil {
		return nil, err
	}
	systems := catalog().Systems
	var able []string
	text, _ := matrixText(k, example, catalog().Variants)
	sc, err := scenarios.Parse("matrix-"+k.Name+".yaml", []byte(text), catalog())
	if err != nil {
		return nil, err
	}
	for _, v := range variants {
		_, absence := k.Resolve(sc.Faults[0].Target, systems[v])
		if why := cannot(flavour, sc.Faults[0], []string{v}, systems); absence != nil {
			rows = append(rows, absent(k, example, l.name, []string{v}, absence.Error())...)
		} else if why != "" {
			rows = append(rows, absent(k, example, l.name, []string{v}, why)...)
		} else {
			able = append(able, v)
		}
	}
	if len(able) == 0 {
		return rows, nil
	}
	text, line := matrixText(k, example, able)
	if sc, err = scenarios.Parse("matrix-"+k.Name+".yaml", []byte(text), catalog()); err != nil {
		return rows, err
	}
	label := k.Name
	if n > 0 {
		label = fmt.Sprintf("%s-%d", k.Name, n+1)
	}
	r, err := l.run(ctx, label, loaded{name: "matrix-" + k.Name + ".yaml", scenario: sc, text: text, file: "matrix-" + k.Name + ".yaml"})
	if err != nil {
		return rows, err
	}
	for _, v := range able {
		rows = append(rows, matrixRow(k, line, l.name, r.Variants[v]))
	}
	return rows, nil
}

// matrixRow reads a trial's result.
func matrixRow(k sim.FaultKind, line, backing string, v *sim.VariantResult) reports.MatrixRow {
	t := v.Trials[0]
	row := reports.MatrixRow{
		Fault: line, Kind: k.Name, Group: k.Group, Backing: backing, Variant: v.Variant, Applies: true,
		Verdict: t.Verdict, Evidence: t.Faults[0].Evidence, EvidenceIs: t.Faults[0].Verdict,
		DelayMS: t.Faults[0].DelayMS, HealDelayMS: t.Faults[0].HealDelayMS,
		Violations: t.Audit.Violations, Parked: t.Parked, Why: strings.Join(t.Reasons, "; "),
	}
	for _, inv := range t.Audit.Invariants {
		switch inv.Name {
		case "no-loss":
			row.Lost = inv.Violations
		case "charged-once":
			row.Doubled = inv.Violations
		case "no-oversell":
			row.Oversold = inv.Violations
		}
	}
	for _, s := range t.Around {
		if n := s.Accept.OK + s.Accept.Fail + s.Accept.Info; strings.HasPrefix(s.Name, "during ") && n > 0 {
			row.RequestsDuring, row.ErrorsDuring = n, &s.Accept.ErrorRate
		}
	}
	for _, r := range t.Recovery {
		if r.BacklogS != nil && r.LatencyS != nil {
			s := max(*r.BacklogS, *r.LatencyS)
			row.RecoveryS = &s
		}
	}
	return row
}

// writeMatrix writes the three forms and prints the first.
func writeMatrix(dir string, m reports.Matrix, out io.Writer) error {
	html, err := m.HTML()
	if err != nil {
		return err
	}
	if err := record.WriteJSON(filepath.Join(dir, "matrix.json"), m); err != nil {
		return err
	}
	if err := record.WriteFile(filepath.Join(dir, "matrix.html"), html); err != nil {
		return err
	}
	text := m.Markdown()
	if err := record.WriteFile(filepath.Join(dir, "matrix.md"), []byte(text)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\nreport: %s\n", text, filepath.Join(dir, "matrix.html"))
	return err
}
