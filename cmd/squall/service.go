package main

import (
	"github.com/spf13/cobra"

	"squall"
)

// newService is one replica of a service of the pipeline: what run starts.
func newService() *cobra.Command {
	return &cobra.Command{
		Use: "service", Hidden: true, Args: args(cobra.NoArgs),
		Short: "Be one process of the pipeline (settings in the environment; ends with its standard input)",
		RunE:  func(c *cobra.Command, _ []string) error { return squall.ServeService(c.Context()) },
	}
}

// newBroker is the embedded broker.
func newBroker() *cobra.Command {
	return &cobra.Command{
		Use: "broker", Hidden: true, Args: args(cobra.NoArgs),
		Short: "Be the embedded broker (settings in the environment; ends with its standard input)",
		RunE:  func(c *cobra.Command, _ []string) error { return squall.ServeBroker(c.Context()) },
	}
}

// newReaper is a process that outlives a run which was killed, and removes the
// containers and data that it left.
func newReaper() *cobra.Command {
	var runID, dir string
	c := &cobra.Command{
		Use: "reaper", Hidden: true, Args: args(cobra.NoArgs),
		Short: "Remove a run's containers and data once standard input ends",
		RunE:  func(*cobra.Command, []string) error { return squall.Reap(runID, dir) },
	}
	c.Flags().StringVar(&runID, "run", "", "the run's id")
	c.Flags().StringVar(&dir, "dir", "", "the run's directory")
	return c
}
