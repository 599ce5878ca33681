package main

import (
	"fmt"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"squall/sim/backing"
	"squall/sim/proc"
)

// finding is one thing that doctor looked at.
type finding struct {
	good bool
	what string
	fix  string
}

func newDoctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do, and how to mend what it lacks",
		Args:  args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			found := append([]finding{cores(), files(), ports()}, features(proc.Features())...)
			for _, f := range append(found, containers(c)...) {
				mark := "ok   "
				if !f.good {
					mark = "lacks"
				}
				fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", mark, f.what)
				if !f.good {
					fmt.Fprintf(c.OutOrStdout(), "       %s\n", f.fix)
				}
			}
			return nil
		},
	}
}

func cores() finding {
	n := runtime.NumCPU()
	return finding{n >= 2, fmt.Sprintf("%d cores", n),
		"with one core the generator competes with the system: expect unknown verdicts under load"}
}

const wantFiles = 4096

func files() finding {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return finding{false, "open files: " + err.Error(), "none known"}
	}
	return finding{l.Cur >= wantFiles, fmt.Sprintf("%d open files allowed", l.Cur), fmt.Sprintf("raise the limit: ulimit -n %d", wantFiles)}
}

func ports() finding {
	if _, err := proc.FreeAddr(); err != nil {
		return finding{false, err.Error(), "end what listens there"}
	}
	return finding{true, "loopback ports are free", ""}
}

// features says what squall uses of the operating system, and what is used in
// the place of what it does not have.
func features(all []proc.Feature) (found []finding) {
	for _, f := range all {
		what := f.Name + ": " + f.Use
		switch {
		case f.Here:
			found = append(found, finding{true, what + ", by " + f.How, ""})
		case f.Instead != "":
			found = append(found, finding{false, what, "instead: " + f.Instead})
		default:
			found = append(found, finding{false, what, "nothing is used instead: a fault that needs it is refused, and a figure of it is 0"})
		}
	}
	return found
}

func containers(c *cobra.Command) []finding {
	ctx := c.Context()
	engine, err := backing.FindEngine(ctx)
	if err != nil {
		return []finding{{false, err.Error(), "start one (such as dockerd); without it squall uses the embedded backing"}}
	}
	defer engine.Close()
	found := []finding{{true, "container engine " + engine.Version, ""}}
	for _, image := range backing.Images() {
		switch {
		case engine.Image(ctx, image.Official) != "":
			found = append(found, finding{true, fmt.Sprintf("image of the %s: %s", image.Server, image.Official), ""})
		case engine.Image(ctx, image.Local) != "":
			found = append(found, finding{true, fmt.Sprintf("image of the %s: %s", image.Server, image.Local), ""})
		default:
			found = append(found, finding{false,
				fmt.Sprintf("image of the %s: neither %s nor %s is here", image.Server, image.Official, image.Local),
				"it is pulled when needed; where no registry can be reached: make images"})
		}
	}
	return found
}
