package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"squall/sim/backend"
	"squall/system/service"
)

// newService is one replica of a service of the pipeline: what run starts.
func newService() *cobra.Command {
	return &cobra.Command{
		Use: "service", Hidden: true, Args: args(cobra.NoArgs),
		Short: "Be one process of the pipeline (settings in the environment; ends with its standard input)",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := service.FromEnv(os.Getenv)
			if err != nil {
				return usageError{err}
			}
			events := os.NewFile(3, "events")
			if _, err := events.Stat(); err != nil {
				return usageError{fmt.Errorf("file descriptor 3, for events, is not open: %w", err)}
			}
			return service.Run(untilInputEnds(c.Context()), cfg, events)
		},
	}
}

// newBroker is the embedded broker.
func newBroker() *cobra.Command {
	return &cobra.Command{
		Use: "broker", Hidden: true, Args: args(cobra.NoArgs),
		Short: "Be the embedded broker (settings in the environment; ends with its standard input)",
		RunE: func(c *cobra.Command, _ []string) error {
			return backend.ServeNATS(untilInputEnds(c.Context()), os.Getenv)
		},
	}
}

// untilInputEnds returns a context that ends when standard input does: that is
// how a child learns that its parent is gone or wants it to be.
func untilInputEnds(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return ctx
}
