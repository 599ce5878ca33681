package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// The labels of everything that squall starts in an engine.
const (
	labelRun   = "squall.run"
	labelOwner = "squall.owner" // the process id of the squall that started it
)

// The library's own reaper is a container of one more image; squall has a
// process that does the same by label (see Reap). And the library writes ten
// lines of log about every engine.
func init() {
	os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	log.SetDefault(quiet{})
}

// engineTime bounds a question to the engine.
const engineTime = 5 * time.Second

// Engine is a container engine that answers.
type Engine struct {
	Version string
	client  *testcontainers.DockerClient
}

// FindEngine asks the container engine for its version.
func FindEngine(ctx context.Context) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, engineTime)
	defer cancel()
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("no container engine answers: %w", err)
	}
	// The library goes on to the next engine that it can find; who names one
	// means that one.
	if named := os.Getenv(client.EnvOverrideHost); named != "" && named != c.DaemonHost() {
		c.Close()
		return nil, fmt.Errorf("no container engine answers at %s=%s", client.EnvOverrideHost, named)
	}
	v, err := c.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("no container engine answers: %w", err)
	}
	return &Engine{Version: v.Version, client: c}, nil
}

// Close ends the connection to the engine.
func (e *Engine) Close() error { return e.client.Close() }

// Image returns an image's id, "" when it is not there.
func (e *Engine) Image(ctx context.Context, name string) string {
	ctx, cancel := context.WithTimeout(ctx, engineTime)
	defer cancel()
	image, err := e.client.ImageInspect(ctx, name)
	if err != nil {
		return ""
	}
	return image.ID
}

// Reap removes the containers and networks of a run, or, if none is named, those
// that gone squalls have left. It returns what it removed.
func (e *Engine) Reap(ctx context.Context, runID string) ([]string, error) {
	list, err := e.client.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: client.Filters{}.Add("label", labelRun)})
	if err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	var removed []string
	for _, c := range list.Items {
		if !left(c.Labels, runID) {
			continue
		}
		_, err := e.client.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		if err != nil && !strings.Contains(err.Error(), "already in progress") {
			return removed, fmt.Errorf("remove container %.12s: %w", c.ID, err)
		}
		removed = append(removed, fmt.Sprintf("container %.12s (%s)", c.ID, c.Image))
	}
	networks, err := e.client.NetworkList(ctx, client.NetworkListOptions{Filters: client.Filters{}.Add("label", labelRun)})
	if err != nil {
		return removed, fmt.Errorf("list networks: %w", err)
	}
	for _, n := range networks.Items {
		if !left(n.Labels, runID) {
			continue
		}
		if err := removeNetwork(ctx, n.Name); err != nil {
			return removed, err
		}
		removed = append(removed, "network "+n.Name)
	}
	return removed, nil
}

// left reports whether what has these labels belongs to the run that is named,
// or (if none is) was left by a squall that is gone.
func left(labels map[string]string, runID string) bool {
	if runID != "" {
		return labels[labelRun] == runID
	}
	owner, err := strconv.Atoi(labels[labelOwner])
	return err != nil || !isSquall(owner)
}

// isSquall reports whether a process lives and is a squall: process ids are used
// again. When nobody can tell the process's name, it counts as a squall, so that
// nothing is removed which another run may need.
func isSquall(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	name, err := processName(pid)
	return err != nil || strings.Contains(name, "squall") || strings.Contains(name, ".test")
}

// nameFromPS asks ps(1) for the name of a process's program, without its folder.
func nameFromPS(pid int) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), engineTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", fmt.Errorf("ps -p %d: %w", pid, err)
	}
	return filepath.Base(strings.TrimSpace(string(out))), nil
}

// makeNetwork makes a network of a run, and returns its id.
func makeNetwork(ctx context.Context, runID string) (string, error) {
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	name := "squall-" + secret()
	_, err = c.NetworkCreate(ctx, name, client.NetworkCreateOptions{Driver: "bridge", Labels: Labels(runID)})
	if err != nil {
		return "", fmt.Errorf("make a network: %w", err)
	}
	return name, nil
}

func removeNetwork(ctx context.Context, name string) error {
	c, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.NetworkRemove(ctx, name, client.NetworkRemoveOptions{}); err != nil && !strings.Contains(err.Error(), "not found") {
		return fmt.Errorf("remove network %s: %w", name, err)
	}
	return nil
}
