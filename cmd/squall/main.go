package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"squall"
	"squall/scenarios"
	"squall/sim"
	"squall/sim/run"
)

// verdictError ends a command with the exit code of a verdict, and no message:
// the result has been printed.
type verdictError struct{ sim.Verdict }

func (e verdictError) Error() string { return "verdict: " + string(e.Verdict) }

// unprinted is a result that could not be printed. It says where it is.
type unprinted struct{ error }

func (e unprinted) Unwrap() error { return e.error }

// usageError is the user's to mend.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// verdict is the error that ends a command with a verdict's exit code.
func verdict(v sim.Verdict) error {
	if v == sim.Pass {
		return nil
	}
	return verdictError{v}
}

func main() { os.Exit(execute()) }

func execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The second signal ends squall at once; the reaper cleans up behind it.
	context.AfterFunc(ctx, stop)
	// Nobody listening any more is no reason to die of: a write says so.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	root := newRoot()
	err := root.ExecuteContext(ctx)
	return report(err)
}

// report prints an error and returns the exit code it means.
func report(err error) int {
	var v verdictError
	var usage usageError
	var asked *squall.UsageError
	var problems scenarios.Problems
	var lost unprinted
	switch {
	case err == nil:
		return squall.ExitPass
	case errors.Is(err, syscall.EPIPE) && !errors.As(err, &lost):
		return squall.ExitBroken // a list, say, of which somebody has read enough
	case errors.As(err, &v):
		if v.Verdict == sim.Fail {
			return squall.ExitFail
		}
		return squall.ExitUnknown
	case errors.As(err, &problems):
		fmt.Fprintln(os.Stderr, problems)
		return squall.ExitUsage
	case errors.As(err, &usage), errors.As(err, &asked):
		fmt.Fprintln(os.Stderr, "squall:", err)
		return squall.ExitUsage
	case errors.Is(err, run.ErrInterrupted):
		fmt.Fprintln(os.Stderr, "squall:", err)
		return squall.ExitUnknown
	}
	fmt.Fprintln(os.Stderr, "squall:", err)
	return squall.ExitBroken
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "squall",
		Short:         "Drive an order pipeline, synchronous and on a broker, through the same storm, and compare",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          args(noSuchCommand),
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see '%s --help'", err, c.CommandPath())}
	})
	root.SuggestionsMinimumDistance = 2
	root.Version = version()
	root.AddCommand(newRun(), newPlan(), newValidate(), newSchema(), newList(), newCheck(), newReport(), newDoctor(), newClean(),
		newSelftest(), newMatrix(), newCompare(), newBaseline(), newBench(), newTrend(),
		newService(), newBroker(), newReaper())
	complete(root)
	return root
}

// noSuchCommand says which command may have been meant.
func noSuchCommand(c *cobra.Command, a []string) error {
	if len(a) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q", a[0])
	if near := c.SuggestionsFor(a[0]); len(near) > 0 {
		err = fmt.Errorf("%w, did you mean %s?", err, strings.Join(near, " or "))
	}
	return err
}

// args makes a wrong number of arguments the user's error.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, a []string) error {
		if err := check(c, a); err != nil {
			return usageError{fmt.Errorf("%w; see '%s --help'", err, c.CommandPath())}
		}
		return nil
	}
}
