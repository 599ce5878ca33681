package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// testcontainers finds the engine of this machine; its messages would come
// between squall's.
func init() { log.SetDefault(quiet{}) }

// quiet is a logger that writes nothing. It is for libraries that also return
// what they log.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Print(...any)          {}

// engineTime bounds a question to the engine.
const engineTime = 5 * time.Second

// Engine is a container engine that answers.
type Engine struct {
	Version string
	client  client.APIClient
}

// FindEngine asks the container engine for its version.
func FindEngine(ctx context.Context) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, engineTime)
	defer cancel()
	found, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("no container engine answers: %w", err)
	}
	c := found.Client
	// The library goes on to the next engine that it can find. A person who names
	// one means that one.
	if named := os.Getenv(client.EnvOverrideHost); named != "" && named != c.DaemonHost() {
		err := fmt.Errorf("no container engine answers at %s=%s", client.EnvOverrideHost, named)
		return nil, errors.Join(err, c.Close())
	}
	v, err := c.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("no container engine answers: %w", err), c.Close())
	}
	return &Engine{Version: v.Version, client: c}, nil
}

// noEngine says what to do where no engine answers.
func noEngine(err error) error {
	return fmt.Errorf("%w; start one (such as dockerd), or use --backing embedded", err)
}

// Close ends the connections to the engine.
func (e *Engine) Close() error { return e.client.Close() }

// Image returns an image's id, "" when the engine does not have it.
func (e *Engine) Image(ctx context.Context, name string) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, engineTime)
	defer cancel()
	image, err := e.client.ImageInspect(ctx, name)
	switch {
	case errdefs.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look for image %s: %w", name, err)
	}
	return image.ID, nil
}

// makeNetwork makes a network of a run, and returns its name.
func (e *Engine) makeNetwork(ctx context.Context, runID string) (string, error) {
	name := "squall-" + secret()
	if _, err := e.client.NetworkCreate(ctx, name, client.NetworkCreateOptions{Driver: "bridge", Labels: Labels(runID)}); err != nil {
		return "", fmt.Errorf("make a network: %w", err)
	}
	return name, nil
}

// removeNetwork removes a network; one that is gone already is no error.
func (e *Engine) removeNetwork(ctx context.Context, name string) error {
	_, err := e.client.NetworkRemove(ctx, name, client.NetworkRemoveOptions{})
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove network %s: %w", name, err)
	}
	return nil
}
