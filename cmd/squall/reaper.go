package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"squall/sim/backend"
)

// newReaper is a process that outlives a run which was killed, and removes the
// containers and data that it left.
func newReaper() *cobra.Command {
	var runID, dir string
	c := &cobra.Command{
		Use: "reaper", Hidden: true, Args: args(cobra.NoArgs),
		Short: "Remove a run's containers and data once standard input ends",
		RunE: func(*cobra.Command, []string) error {
			io.Copy(io.Discard, os.Stdin)
			return reap(runID, dir)
		},
	}
	c.Flags().StringVar(&runID, "run", "", "the run's id")
	c.Flags().StringVar(&dir, "dir", "", "the run's directory")
	return c
}

func reap(runID, dir string) error {
	var errs []error
	data, err := filepath.Glob(filepath.Join(dir, "*", "data"))
	errs = append(errs, err)
	for _, d := range data {
		errs = append(errs, os.RemoveAll(d))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if engine, err := backend.FindEngine(ctx); err == nil {
		defer engine.Close()
		_, err = engine.Reap(ctx, runID)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// startReaper starts the reaper of a run in a session of its own, where no
// signal to squall reaches it. The function that is returned ends it.
func startReaper(self, runID, dir string) (stop func(), err error) {
	cmd := exec.Command(self, "reaper", "--run", runID, "--dir", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the reaper: %w", err)
	}
	return func() {
		stdin.Close()
		cmd.Wait() // what it could not remove, squall clean will
	}, nil
}
