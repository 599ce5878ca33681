package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"squall/sim/clock"
)

// The labels of everything that squall starts in an engine.
const (
	labelRun   = "squall.run"
	labelOwner = "squall.owner" // the process id of the squall that started it
)

// Labels mark what squall starts in an engine as a run's, and name the process
// that owns it.
func Labels(runID string) map[string]string {
	return map[string]string{labelRun: runID, labelOwner: strconv.Itoa(os.Getpid())}
}

// Reap removes the containers and networks of a run or, if none is named, those
// that squalls have left which are gone. It returns what it removed.
func (e *Engine) Reap(ctx context.Context, runID string) (removed []string, err error) {
	labelled := client.Filters{}.Add("label", labelRun)
	list, err := e.client.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: labelled})
	if err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	for _, c := range list.Items {
		if !left(c.Labels, runID) {
			continue
		}
		if err := e.removeContainer(ctx, c.ID); err != nil {
			return removed, err
		}
		removed = append(removed, fmt.Sprintf("container %.12s (%s)", c.ID, c.Image))
	}
	networks, err := e.client.NetworkList(ctx, client.NetworkListOptions{Filters: labelled})
	if err != nil {
		return removed, fmt.Errorf("list networks: %w", err)
	}
	for _, n := range networks.Items {
		if !left(n.Labels, runID) {
			continue
		}
		if err := e.removeNetwork(ctx, n.Name); err != nil {
			return removed, err
		}
		removed = append(removed, "network "+n.Name)
	}
	return removed, nil
}

// removeContainer kills and removes a container with its volumes, and returns
// when it is gone. Another process may be removing it at the same time.
func (e *Engine) removeContainer(ctx context.Context, id string) error {
	_, err := e.client.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	for errdefs.IsConflict(err) { // "removal of container ... is already in progress"
		if sleepErr := clock.Sleep(ctx, 50*time.Millisecond); sleepErr != nil {
			return fmt.Errorf("remove container %.12s: %w", id, err)
		}
		if _, gone := e.client.ContainerInspect(ctx, id, client.ContainerInspectOptions{}); gone != nil {
			err = gone
		}
	}
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove container %.12s: %w", id, err)
	}
	return nil
}

// left reports whether what bears these labels is the run's that is named, or
// (if none is) was left by a squall that is gone.
func left(labels map[string]string, runID string) bool {
	if runID != "" {
		return labels[labelRun] == runID
	}
	owner, err := strconv.Atoi(labels[labelOwner])
	return err != nil || !isSquall(owner)
}

// isSquall reports whether a process lives and is a squall: the system uses
// process ids again.
func isSquall(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) { // another user's process is a different error
		return false
	}
	name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		return true // without /proc nobody can tell, and a squall that runs must keep its servers
	}
	return strings.Contains(string(name), "squall") || strings.Contains(string(name), ".test")
}
