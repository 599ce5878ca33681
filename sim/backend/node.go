package backend

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"squall/sim/clock"
)

// node is one container and the fixed loopback addresses of its ports: they stay
// the same when it is started again.
type node struct {
	engine *Engine
	id     string
	name   string            // "broker", "database", and in a cluster "broker-2"
	addrs  map[string]string // container port -> host:port
	held   atomic.Bool       // it is down because squall brought it down
	meter  *meter            // nil before it was started
}

// nodeSpec says what a node is made of.
type nodeSpec struct {
	name, image  string
	flags, ports []string
	env          map[string]string
	network      string            // "" for the engine's default
	files        map[string]string // path in the container -> text
	labels       map[string]string
}

// startNode makes a container with its ports bound to the loopback interface and
// starts it. The node is returned also with an error when it was made, to be
// removed.
func startNode(ctx context.Context, engine *Engine, spec nodeSpec, freeAddr func() (string, error)) (*node, error) {
	n := &node{engine: engine, name: spec.name, addrs: map[string]string{}}
	fail := func(err error) (*node, error) {
		if n.id == "" {
			n = nil
		}
		return n, fmt.Errorf("start the container of the %s from %s: %w", spec.name, spec.image, err)
	}
	made, err := n.options(spec, freeAddr)
	if err != nil {
		return fail(err)
	}
	created, err := engine.client.ContainerCreate(ctx, made)
	n.id = created.ID
	if err != nil {
		return fail(err)
	}
	if len(spec.files) > 0 {
		archive, err := tarOf(spec.files)
		if err != nil {
			return fail(err)
		}
		_, err = engine.client.CopyToContainer(ctx, n.id, client.CopyToContainerOptions{DestinationPath: "/", Content: archive})
		if err != nil {
			return fail(err)
		}
	}
	if _, err := engine.client.ContainerStart(ctx, n.id, client.ContainerStartOptions{}); err != nil {
		return fail(err)
	}
	n.meter = listenTo(func(ctx context.Context) (io.ReadCloser, error) {
		stats, err := engine.client.ContainerStats(ctx, n.id, client.ContainerStatsOptions{Stream: true})
		return stats.Body, err
	})
	return n, nil
}

// options chooses an address for each port and says how the container is made.
func (n *node) options(spec nodeSpec, freeAddr func() (string, error)) (client.ContainerCreateOptions, error) {
	config := &container.Config{Image: spec.image, Cmd: spec.flags, Labels: spec.labels, ExposedPorts: network.PortSet{}}
	for key, value := range spec.env {
		config.Env = append(config.Env, key+"="+value)
	}
	made := client.ContainerCreateOptions{Config: config, HostConfig: &container.HostConfig{PortBindings: network.PortMap{}}}
	for _, p := range spec.ports {
		addr, err := freeAddr()
		if err != nil {
			return made, err
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return made, err
		}
		inside, err := network.ParsePort(p + "/tcp")
		if err != nil {
			return made, err
		}
		n.addrs[p] = addr
		config.ExposedPorts[inside] = struct{}{}
		made.HostConfig.PortBindings[inside] = []network.PortBinding{{HostIP: netip.AddrFrom4([4]byte{127, 0, 0, 1}), HostPort: port}}
	}
	if spec.network != "" { // there the nodes find each other by their names
		config.Hostname = spec.name
		made.HostConfig.NetworkMode = container.NetworkMode(spec.network)
		made.NetworkingConfig = &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
			spec.network: {Aliases: []string{spec.name}},
		}}
	}
	return made, nil
}

// tarOf packs files that everybody may read.
func tarOf(files map[string]string) (io.Reader, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for path, text := range files {
		header := &tar.Header{Name: strings.TrimPrefix(path, "/"), Mode: 0o644, Size: int64(len(text)), ModTime: time.Now()}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return nil, err
		}
	}
	return &b, w.Close()
}

// state asks the engine for the container's state.
func (n *node) state(ctx context.Context) (container.State, error) {
	found, err := n.engine.client.ContainerInspect(ctx, n.id, client.ContainerInspectOptions{})
	switch {
	case err != nil:
		return container.State{}, err
	case found.Container.State == nil:
		return container.State{}, fmt.Errorf("the engine tells no state of the container of the %s", n.name)
	}
	return *found.Container.State, nil
}

// ended returns an error when a state shows that the container has ended and
// squall did not end it.
func (n *node) ended(state container.State) error {
	if state.Running || state.Restarting || n.held.Load() {
		return nil
	}
	return fmt.Errorf("the container of the %s ended with status %d", n.name, state.ExitCode)
}

const (
	// orderlyTime is how long a server may take to end when it is asked to.
	orderlyTime = 30 * time.Second
	// statusKilled is the status of a container that ended by SIGKILL: 128 + 9.
	statusKilled = 137
)

// down ends the container, and makes sure that it ended as it was told to.
func (n *node) down(ctx context.Context, orderly bool) (status string, err error) {
	ctx, cancel := context.WithTimeout(ctx, orderlyTime+10*time.Second)
	defer cancel()
	n.held.Store(true)
	if orderly {
		seconds := int(orderlyTime.Seconds())
		_, err = n.engine.client.ContainerStop(ctx, n.id, client.ContainerStopOptions{Timeout: &seconds})
	} else {
		_, err = n.engine.client.ContainerKill(ctx, n.id, client.ContainerKillOptions{Signal: "KILL"})
	}
	for err == nil {
		state, stateErr := n.state(ctx)
		if stateErr == nil && !state.Running {
			status = fmt.Sprintf("%s ended with status %d", n.name, state.ExitCode)
			if (state.ExitCode == statusKilled) == orderly || state.OOMKilled {
				return status, fmt.Errorf("%s, expected it to end %s", status, map[bool]string{true: "by itself", false: "by SIGKILL"}[orderly])
			}
			return status, nil
		}
		if err = clock.Sleep(ctx, 20*time.Millisecond); err != nil {
			err = errors.Join(err, stateErr)
		}
	}
	return "", fmt.Errorf("bring %s down: %w", n.name, err)
}

// up starts the container again, unless it runs.
func (n *node) up(ctx context.Context) error {
	if _, err := n.engine.client.ContainerStart(ctx, n.id, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("start %s again: %w", n.name, err)
	}
	return nil
}

// pause stops the container's processes.
func (n *node) pause(ctx context.Context) error {
	if _, err := n.engine.client.ContainerPause(ctx, n.id, client.ContainerPauseOptions{}); err != nil {
		return fmt.Errorf("pause %s: %w", n.name, err)
	}
	return nil
}

// resume lets the container's processes continue; one that runs is no error.
func (n *node) resume(ctx context.Context) error {
	_, err := n.engine.client.ContainerUnpause(ctx, n.id, client.ContainerUnpauseOptions{})
	if err == nil {
		return nil
	}
	// The engine has no error of its own for a container that is not paused.
	if state, stateErr := n.state(ctx); stateErr == nil && !state.Paused {
		return nil
	}
	return fmt.Errorf("resume %s: %w", n.name, err)
}

// end removes the container.
func (n *node) end(ctx context.Context) error {
	if n.meter != nil {
		n.meter.close()
	}
	return n.engine.removeContainer(ctx, n.id)
}
