package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"squall/sim"
	"squall/sim/clock"
)

// serverReady is how long a server in containers may take to be ready.
const serverReady = 90 * time.Second

// containers are those of one server, its nodes, for all trials of a run.
type containers struct {
	engine   *Engine
	image    string
	labels   map[string]string
	freeAddr func() (string, error)
	network  string // of a cluster
	nodes    []*node
}

func newContainers(s startSpec) *containers {
	return &containers{engine: s.engine, image: s.image, labels: Labels(s.RunID), freeAddr: s.FreeAddr}
}

// run starts the containers, all at once.
func (c *containers) run(ctx context.Context, specs ...nodeSpec) error {
	nodes := make([]*node, len(specs))
	err := each(specs, func(i int, spec nodeSpec) (err error) {
		spec.image, spec.labels, spec.network = c.image, c.labels, c.network
		nodes[i], err = startNode(ctx, c.engine, spec, c.freeAddr)
		return err
	})
	for _, n := range nodes {
		if n != nil {
			c.nodes = append(c.nodes, n)
		}
	}
	return err
}

// each does the same to several things at once and returns all errors.
func each[T any](things []T, do func(i int, t T) error) error {
	errs := make([]error, len(things))
	var wg sync.WaitGroup
	for i, t := range things {
		wg.Go(func() { errs[i] = do(i, t) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// poll tries until it works, ctx ends or one of the containers has ended that
// should not, and returns the last error.
func (c *containers) poll(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		for _, n := range c.nodes {
			state, stateErr := n.state(ctx)
			if stateErr != nil {
				continue // an engine that does not answer is no reason to stop trying the server
			}
			if ended := n.ended(state); ended != nil {
				return ended
			}
		}
		if clock.Sleep(ctx, 100*time.Millisecond) != nil {
			return err
		}
	}
}

// abandon ends containers that would not come up and returns why, with the last
// lines that they wrote.
func (c *containers) abandon(ctx context.Context, err error) error {
	ctx = context.WithoutCancel(ctx)
	for _, n := range c.nodes {
		text, logErr := n.text(ctx)
		if logErr != nil {
			err = errors.Join(err, logErr)
		} else if len(text) > 0 {
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			err = errors.Join(err, fmt.Errorf("the last the %s wrote:\n%s", n.name, strings.Join(lines[max(0, len(lines)-20):], "\n")))
		}
	}
	return errors.Join(err, c.close(ctx))
}

// watchEvery is how often a container is looked at while a trial runs.
const watchEvery = time.Second

// watch ends the trial when a container is gone that squall did not end. The
// function that it returns ends the watch.
func (c *containers) watch(t sim.NamespaceSpec) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() {
		for clock.Sleep(ctx, watchEvery) == nil {
			if err := c.look(ctx, t); err != nil && ctx.Err() == nil {
				t.Died(err)
				return
			}
		}
	})
	return func() { cancel(); watching.Wait() }
}

// look returns an error when a container is gone, or the engine.
func (c *containers) look(ctx context.Context, t sim.NamespaceSpec) error {
	for _, n := range c.nodes {
		state, err := n.state(ctx)
		if err != nil {
			return fmt.Errorf("the container engine does not answer for the %s: %w", n.name, err)
		}
		if ended := n.ended(state); ended != nil {
			return errors.Join(fmt.Errorf("%w; its log is %s", ended, t.Log(n.name)), c.saveLogs(ctx, t))
		}
	}
	return nil
}

// saveLogs keeps what the servers wrote beside the processes' logs.
func (c *containers) saveLogs(ctx context.Context, t sim.NamespaceSpec) error {
	var errs []error
	for _, n := range c.nodes {
		text, err := n.text(ctx)
		if err == nil {
			err = os.WriteFile(t.Log(n.name), text, 0o644)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// close removes the containers and their network.
func (c *containers) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	err := each(c.nodes, func(_ int, n *node) error { return n.end(ctx) })
	if c.network != "" {
		err = errors.Join(err, c.engine.removeNetwork(ctx, c.network))
	}
	return err
}

// down ends all nodes at once.
func (c *containers) down(ctx context.Context, orderly bool) (string, error) {
	statuses := make([]string, len(c.nodes))
	err := each(c.nodes, func(i int, n *node) (err error) { statuses[i], err = n.down(ctx, orderly); return err })
	return strings.Join(statuses, ", "), err
}

// Pause stops the processes of all nodes.
func (c *containers) Pause(ctx context.Context) error {
	return each(c.nodes, func(_ int, n *node) error { return n.pause(ctx) })
}

// Resume lets all nodes continue.
func (c *containers) Resume(ctx context.Context) error {
	return each(c.nodes, func(_ int, n *node) error { return n.resume(ctx) })
}

// Paused reports whether the engine shows all nodes paused.
func (c *containers) Paused(ctx context.Context) (bool, error) {
	for _, n := range c.nodes {
		if state, err := n.state(ctx); err != nil || !state.Paused {
			return false, err
		}
	}
	return true, nil
}

// meters are those of all nodes.
func (c *containers) meters() (all meters) {
	for _, n := range c.nodes {
		all = append(all, n.meter)
	}
	return all
}
