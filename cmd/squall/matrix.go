package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"squall/cmd/squall/internal/live"

	"github.com/spf13/cobra"

	"squall"
)

func newMatrix() *cobra.Command {
	var o squall.MatrixOptions
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
		RunE: func(c *cobra.Command, _ []string) error {
			show := live.New(c.ErrOrStderr(), false)
			defer show.Close()
			o.Observer, o.Command = show, strings.Join(append([]string{"squall"}, os.Args[1:]...), " ")
			m, dir, err := squall.Matrix(c.Context(), o)
			show.Close()
			if len(m.Rows) > 0 {
				if _, writeErr := fmt.Fprintf(c.OutOrStdout(), "%s\nreport: %s\n", m.Markdown(), filepath.Join(dir, "matrix.html")); err == nil {
					err = writeErr
				}
			}
			if err != nil {
				return err
			}
			return verdict(m.Verdict())
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&o.Backings, "backing", []string{"embedded", "container"}, "backings")
	flags.StringSliceVar(&o.Variants, "variant", squall.Catalog().Variants, "variants")
	flags.StringSliceVar(&o.Faults, "fault", nil, "kinds of faults (default: all)")
	flags.StringVar(&o.Dir, "out", "", "directory to write to (default runs/<UTC>-matrix)")
	return c
}
