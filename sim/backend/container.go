package backend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"squall/sim"
	"squall/sim/clock"
)

func init() {
	register(Backend{
		Name:    "container",
		Summary: "RabbitMQ and MariaDB in containers; needs a container engine and the images",
		Network: []string{"broker", "database"},
		Start:   startContainers,
	})
}

const serverReady = 90 * time.Second

// containers runs one broker (or a cluster) and one database for all trials;
// each trial gets a virtual host and schemas of its own.
type containers struct {
	o                Options
	info             sim.BackendInfo
	password, cookie string
	network          string // of a cluster
	rabbit           *rabbit
	database         *mariadb
}

func startContainers(ctx context.Context, o Options) (sim.Backend, error) {
	images, err := chooseImages(ctx, o)
	if err != nil {
		return nil, err
	}
	b := &containers{o: o, password: secret(), cookie: secret(), info: sim.BackendInfo{Name: "container", Images: images}}
	if o.Nodes > 1 {
		if b.network, err = makeNetwork(ctx, o.RunID); err != nil {
			return nil, fmt.Errorf("container backing: %w", err)
		}
	}
	var g errgroup.Group
	g.Go(func() error { return b.runRabbit(ctx, images["broker"], max(1, o.Nodes)) })
	g.Go(func() error { return b.runDatabase(ctx, images["database"]) })
	err = g.Wait()
	if err == nil {
		err = b.ready(ctx)
	}
	if err != nil {
		err = errors.Join(err, b.logs())
		b.Close(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("container backing: %w", err)
	}
	return b, nil
}

func (b *containers) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, serverReady)
	defer cancel()
	broker, err := b.rabbit.ready(ctx)
	if err != nil {
		return err
	}
	database, err := b.database.ready(ctx)
	if err != nil {
		return err
	}
	broker = "RabbitMQ " + broker
	if n := len(b.rabbit.nodes); n > 1 {
		broker += fmt.Sprintf(", %d nodes", n)
	}
	b.info.Servers = map[string]string{"broker": broker, "database": "MariaDB " + database}
	return nil
}

// nodes are all containers.
func (b *containers) nodes() (all []*node) {
	if b.rabbit != nil {
		all = append(all, b.rabbit.nodes...)
	}
	if b.database != nil {
		all = append(all, b.database.node)
	}
	return all
}

// poll tries until it works, ctx ends or one of the containers has ended that
// should not, and returns the last error.
func poll(ctx context.Context, nodes []*node, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		for _, n := range nodes {
			if state, stateErr := n.State(ctx); stateErr == nil && !state.Running && !n.held.Load() {
				return fmt.Errorf("the container of the %s ended with status %d", n.name, state.ExitCode)
			}
		}
		if clock.Sleep(ctx, 100*time.Millisecond) != nil {
			return err
		}
	}
}

func (b *containers) Info() sim.BackendInfo { return b.info }

func (b *containers) CreateNamespace(ctx context.Context, t sim.NamespaceSpec) (*sim.Servers, error) {
	if err := b.rabbit.createNamespace(t.Name); err != nil {
		return nil, fmt.Errorf("make a virtual host: %w", err)
	}
	prefix := "squall_" + strings.ReplaceAll(t.Name, "-", "_") + "_"
	if err := b.database.createNamespace(ctx, prefix); err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(context.Background())
	go b.watch(watching, t)
	return &sim.Servers{
		ByName: map[string]sim.Server{"broker": b.rabbit.server(t.Name), "database": b.database.server(prefix)},
		Close: func(ctx context.Context) error {
			stop()
			return errors.Join(b.saveLogs(ctx, t), b.rabbit.dropNamespace(t.Name), b.database.dropNamespace(ctx, prefix))
		},
	}, nil
}

// watch ends the trial when a container is gone that nobody stopped.
func (b *containers) watch(ctx context.Context, t sim.NamespaceSpec) {
	for clock.Sleep(ctx, time.Second) == nil {
		for _, n := range b.nodes() {
			state, err := n.State(ctx)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				t.Died(fmt.Errorf("the container engine does not answer for the %s: %w", n.name, err))
				return
			}
			if !state.Running && !state.Restarting && !n.held.Load() {
				b.saveLogs(ctx, t)
				t.Died(fmt.Errorf("the container of the %s ended with status %d; its log is %s", n.name, state.ExitCode, t.Log(n.name)))
				return
			}
		}
	}
}

// saveLogs keeps what the servers wrote beside the processes' logs.
func (b *containers) saveLogs(ctx context.Context, t sim.NamespaceSpec) error {
	var errs []error
	for _, n := range b.nodes() {
		text, err := n.text(ctx)
		if err == nil {
			err = os.WriteFile(t.Log(n.name), text, 0o644)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// logs returns the last lines of containers that would not come up, as an
// error to be read with the one that says so.
func (b *containers) logs() error {
	var errs []error
	for _, n := range b.nodes() {
		if n == nil || n.DockerContainer == nil {
			continue
		}
		text, err := n.text(context.Background())
		if err != nil || len(text) == 0 {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		errs = append(errs, fmt.Errorf("the last the %s wrote:\n%s", n.name, strings.Join(lines[max(0, len(lines)-20):], "\n")))
	}
	return errors.Join(errs...)
}

func (b *containers) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if b.database != nil && b.database.sql != nil {
		b.database.sql.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	var g errgroup.Group
	for _, n := range b.nodes() {
		g.Go(func() error { return n.end(ctx) })
	}
	err := g.Wait()
	if b.network != "" {
		err = errors.Join(err, removeNetwork(ctx, b.network))
	}
	return err
}

// Labels mark what squall starts in an engine as a run's, and name the process
// that owns it.
func Labels(runID string) map[string]string {
	return map[string]string{labelRun: runID, labelOwner: strconv.Itoa(os.Getpid())}
}

// downAll, pauseAll and pausedAll do the same to several nodes at once.
func downAll(ctx context.Context, nodes []*node, orderly bool) (string, error) {
	statuses := make([]string, len(nodes))
	var g errgroup.Group
	for i, n := range nodes {
		g.Go(func() (err error) { statuses[i], err = n.down(ctx, orderly); return err })
	}
	err := g.Wait()
	return strings.Join(statuses, ", "), err
}

func pauseAll(ctx context.Context, nodes []*node, on bool) error {
	var g errgroup.Group
	for _, n := range nodes {
		g.Go(func() error { return n.pause(ctx, on) })
	}
	return g.Wait()
}

func pausedAll(ctx context.Context, nodes []*node) (bool, error) {
	for _, n := range nodes {
		if paused, err := n.paused(ctx); err != nil || !paused {
			return false, err
		}
	}
	return true, nil
}
